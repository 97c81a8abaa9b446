"""What the launcher is told to do and what it answers, as JSON."""

import base64
import json
from dataclasses import asdict, dataclass, field


class LauncherError(Exception):
    """A wall could not be built: the step, and what the kernel said."""


@dataclass(frozen=True)
class Bounds:
    """The limits of a run, in the kernel's units."""

    cpus: int
    memory_bytes: int
    time_s: float
    output_bytes: int
    tmp_bytes: int
    files: int
    processes: int


@dataclass(frozen=True)
class Spec:
    """One run, with every path resolved by the platform."""

    is_namespaced: bool
    """True: namespaces and a root of binds; False: Landlock on the machine's own root."""
    argv: tuple[str, ...]
    environment: dict[str, str]
    code: str | None
    inputs: str
    output: str
    """An empty folder of the platform's; outputs are copied here."""
    work: str
    """Landlock alone: a folder that holds `output` and `tmp`."""
    bounds: Bounds
    cores: tuple[int, ...]
    """The numbers of the cores that it runs on."""
    binds: tuple[tuple[str, str], ...] = ()
    """(source, target) of what is seen read-only: libraries, interpreter, packages."""
    links: tuple[tuple[str, str], ...] = ()
    """(path, where it points) of symbolic links in the new root."""
    texts: tuple[tuple[str, str], ...] = ()
    """(path, content) of small files in the new root."""
    masks: tuple[str, ...] = ()
    """Folders and files inside a bind that must look empty."""

    def as_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(asdict(self)) + "\n"


@dataclass(frozen=True)
class Result:
    """How a run ended; the fields of `blueprint.evaluate.engine.Outcome`."""

    ended: str
    exit_code: int | None = None
    signal: int | None = None
    wall_s: float = 0.0
    peak_memory_bytes: int = 0
    log: bytes = field(default=b"", repr=False)
    detail: str = ""

    def as_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps({**asdict(self), "log": base64.b64encode(self.log).decode()}) + "\n"


def read_spec(line: str) -> Spec:
    """Return what `Spec.as_json` wrote."""
    values = json.loads(line)
    pairs = {name: _pairs(values[name]) for name in ("binds", "links", "texts")}
    return Spec(
        **{
            **values,
            **pairs,
            "argv": tuple(values["argv"]),
            "masks": tuple(values["masks"]),
            "cores": tuple(values["cores"]),
            "bounds": Bounds(**values["bounds"]),
        }
    )


def read_result(line: str) -> Result:
    """Return what `Result.as_json` wrote."""
    values = json.loads(line)
    return Result(**{**values, "log": base64.b64decode(values["log"])})


def _pairs(values: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in values)
