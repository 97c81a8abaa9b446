"""Finds out what holds participants' code here, and refuses phases that nothing would hold."""

from blueprint.config.model import Challenge
from blueprint.deploy.record import Sandbox
from blueprint.errors import InputError
from blueprint.evaluate.engine import Engine
from blueprint.plan.plan import takes_code


def check_sandbox(challenge: Challenge, engine: Engine) -> Sandbox:
    """Return what the engine can hold on this machine.

    Raises:
        InputError: It can hold nothing, and a phase takes code.
    """
    probe = engine.probe()
    phases = takes_code(challenge)
    if phases and not probe.works:
        raise InputError(
            f"phases that take code cannot run here ({', '.join(phases)}): nothing on this"
            f" machine can keep a submission away from the ground truth",
            hint=probe.advice or "let the phases take `submission: [predictions]` alone",
        )
    return Sandbox(probe.summary, probe.works, probe.bounds, probe.weaker, probe.advice)
