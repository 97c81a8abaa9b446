"""Finds out what holds participants' code here, and refuses phases that nothing would hold."""

from blueprint.config.model import Challenge
from blueprint.contracts.job import SHARED_MEMORY_MIB
from blueprint.deploy.record import Sandbox
from blueprint.errors import InputError
from blueprint.evaluate.engines import Choice
from blueprint.plan.plan import takes_code


def check_sandbox(challenge: Challenge, choice: Choice, *, is_for_hosts: bool) -> Sandbox:
    """Return what the engine can hold on this machine.

    Args:
        challenge: Its phases say what is needed.
        choice: The engine, and why it is this one.
        is_for_hosts: Evaluation hosts run what asks for GPUs, not this machine.

    Raises:
        InputError: It can hold nothing, and a phase takes code; or it lacks what a phase needs.
    """
    probe = choice.engine.probe()
    phases = takes_code(challenge)
    if phases and not probe.works:
        raise InputError(
            f"phases that take code cannot run here ({', '.join(phases)}): nothing on this"
            f" machine can keep a submission away from the ground truth",
            hint=probe.advice or "let the phases take `submission: [predictions]` alone",
        )
    if choice.engine.name == "process" and not is_for_hosts:
        _demand_no_devices(challenge, choice.why)
    return Sandbox(
        probe.summary, probe.works, probe.bounds, probe.weaker, probe.advice,
        engine=choice.engine.name, why=choice.why,
    )  # fmt: skip


def _demand_no_devices(challenge: Challenge, why: str) -> None:
    for phase in challenge.phases:
        wanted = phase.resources
        if wanted.gpus or wanted.shm_mib > SHARED_MEMORY_MIB:
            key = "gpus" if wanted.gpus else "shm"
            raise InputError(
                f"phase {phase.id} asks for `{key}` in its resources, and the process sandbox has"
                f" none to give ({why})",
                hint="use a Docker engine (`engine: docker` under `embedded`), or leave it out",
            )
