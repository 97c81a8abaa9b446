"""Makes the outcome of a container that has ended: judges it, and collects what it wrote."""

from pathlib import Path

from blueprint.adapters.docker_engine import DockerEngineApi
from blueprint.evaluate.containers import place
from blueprint.evaluate.containers.labels import Noted
from blueprint.evaluate.containers.printed import printed
from blueprint.evaluate.containers.verdict import Found, Verdict, judge, wall_s
from blueprint.evaluate.engine import Outcome
from blueprint.evaluate.sandbox.launcher.collect import TooMuchError

_MIB = 1024 * 1024


def outcome_of(
    api: DockerEngineApi, container: str, noted: Noted, found: Found, *, first: bytes, peak: int
) -> Outcome:
    """Return how a run ended; what it wrote is in its output folder when it exited with 0.

    Args:
        api: The engine.
        container: The container's id.
        noted: The job in it.
        found: What is known of its end.
        first: What was heard at its start.
        peak: The most memory that it was seen to hold, in bytes.
    """
    verdict = _with_outputs(judge(found, noted.limits), noted)
    return Outcome(
        ended=verdict.ended,
        exit_code=verdict.exit_code,
        signal=verdict.signal,
        wall_s=round(wall_s(found.state), 3),
        peak_memory_mib=round(peak / _MIB, 1),
        log=printed(api, container, first),
        detail=verdict.detail,
    )


def _with_outputs(verdict: Verdict, noted: Noted) -> Verdict:
    folder = Path(noted.folder)
    if verdict.ended not in ("exited", "signalled"):
        return verdict
    if verdict.exit_code != 0:
        if place.is_full(folder, bounded=noted.bounded):
            return Verdict("output", detail="/output was full when the program failed")
        return verdict
    try:
        left = place.collect(folder, Path(noted.output), noted.limits, bounded=noted.bounded)
    except TooMuchError as error:
        return Verdict("output", detail=f"/output holds {error}")
    return Verdict("exited", exit_code=0, detail=left)
