"""The registry of engines, and the one place that chooses which of them runs submissions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from blueprint.adapters.docker_engine import DockerEngineApi, missing_package
from blueprint.config.model import EngineWord
from blueprint.errors import ToolError
from blueprint.evaluate.engine import Engine

Make = Callable[[Iterable[Path], Path | None], Engine]
"""Makes an engine; the folders are those that no submission may see, and one for trial runs."""
_LOOK_S = 5.0


def _process(hidden: Iterable[Path], _scratch: Path | None) -> Engine:
    from blueprint.evaluate.sandbox.engine import ProcessSandbox  # noqa: PLC0415 (only where used)

    return ProcessSandbox(hidden=hidden)


def _docker(hidden: Iterable[Path], scratch: Path | None) -> Engine:
    from blueprint.evaluate.containers.engine import DockerEngine  # noqa: PLC0415 (the same)

    return DockerEngine(hidden=hidden, scratch=scratch)


ENGINES: Mapping[str, Make] = {"process": _process, "docker": _docker}


@dataclass(frozen=True)
class Choice:
    """An engine, and why it is this one."""

    engine: Engine
    why: str
    """In words, as `status` shows them."""


def choose_engine(
    wanted: EngineWord = "auto", *, hidden: Iterable[Path] = (), scratch: Path | None = None
) -> Choice:
    """Return what runs submissions on this machine.

    Args:
        wanted: An engine's name; or `auto`: Docker where an engine answers, else processes.
        hidden: Folders that must not be seen even where a system folder holds them: the state
            folder, the organizer's data, an evaluator's store.
        scratch: A folder of ours that an engine can be shown, for its trial run; by default one
            among the machine's temporary files.
    """
    if wanted != "auto":
        return Choice(ENGINES[wanted](hidden, scratch), f"`engine: {wanted}` asks for it")
    problem = docker_problem()
    if problem:
        return Choice(_process(hidden, scratch), f"`engine: auto`, and {problem}")
    return Choice(_docker(hidden, scratch), "`engine: auto`, and a Docker engine answers")


def docker_problem() -> str:
    """Return why there is no Docker engine that could be asked; empty when one answers."""
    if missing := missing_package():
        return missing
    try:
        DockerEngineApi(timeout_s=_LOOK_S).info()
    except ToolError as error:
        return str(error)
    return ""
