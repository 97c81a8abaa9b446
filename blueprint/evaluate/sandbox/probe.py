"""Finds out what the sandbox can hold on this machine, by running a real job in each layer."""

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from blueprint.errors import InputError
from blueprint.evaluate.engine import Job, Limits, Outcome, Probe
from blueprint.evaluate.sandbox import layers as described
from blueprint.evaluate.sandbox.layers import Layer

FORCE_VARIABLE = "DIYCHALLENGE_SANDBOX"
"""`namespaces`, `landlock` or `none`: try this layer alone."""

_JOB = Path(__file__).with_name("probe_job.py")
_INPUT = "what the probe must be able to read"
_LIMITS = Limits(cpus=1, memory_mib=1024, time_s=60, output_mib=8, tmp_mib=8, files=64)


@dataclass(frozen=True)
class Found:
    """The strongest layer that works, and what that means."""

    layer: Layer
    probe: Probe


class RunIn(Protocol):
    """Runs a job in one layer; `ProcessSandbox.run_in`."""

    def __call__(self, layer: Layer, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:
        """Return how the job ended."""
        ...


def layers_to_try() -> tuple[Layer, ...]:
    """Return the layers that this account can have, strongest first.

    Raises:
        InputError: DIYCHALLENGE_SANDBOX names a layer that does not exist.
    """
    namespaces: Layer = "namespaces-root" if os.geteuid() == 0 else "namespaces-user"
    choices: dict[str, tuple[Layer, ...]] = {
        "": (namespaces, "landlock"),
        "namespaces": (namespaces,),
        "landlock": ("landlock",),
        "none": (),
    }
    forced = os.environ.get(FORCE_VARIABLE, "")
    if forced not in choices:
        known = ", ".join(name for name in choices if name)
        raise InputError(f"{FORCE_VARIABLE} is {forced!r}: it must be one of {known}")
    return choices[forced]


def probe_layers(run_in: RunIn, layers: Iterable[Layer]) -> Found:
    """Return what the first layer that passes holds; where none does, what to enable."""
    problems: list[str] = []
    for layer in layers:
        problem = _try_layer(run_in, layer)
        if not problem:
            advice = described.advise(problems) if problems else ""
            return _found(layer, advice)
        problems.append(f"{layer}: {problem}")
    off = f"{FORCE_VARIABLE}=none switches the sandbox off: unset it to run code"
    return _found("none", described.advise(problems) if problems else off)


def _found(layer: Layer, advice: str) -> Found:
    works = layer != "none"
    bounds, weaker = described.describe(layer) if works else ((), ())
    summary, notice = described.summarise(layer), described.notice(layer)
    return Found(layer, Probe(works, summary, notice, bounds, weaker, advice))


def _try_layer(run_in: RunIn, layer: Layer) -> str:
    """Return what went wrong, empty when the job ran and every wall held."""
    folder = Path(tempfile.mkdtemp(prefix="diychallenge-probe-"))
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            host, port = server.getsockname()
            job = _prepare(folder, host, port)
            outcome = run_in(layer, job, cancelled=lambda: False)
        return _judge(outcome, job.output / "probe")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, host: str, port: int) -> Job:
    for name in ("code", "input", "output"):
        (folder / name).mkdir()
    canary = folder / "canary"
    canary.write_text("a submission must not read this")
    (folder / "input" / "probe.txt").write_text(_INPUT)
    shutil.copyfile(_JOB, folder / "code" / "probe_job.py")
    return Job(
        name="probe",
        argv=("python", "probe_job.py", str(canary), host, str(port)),
        code=folder / "code",
        inputs=folder / "input",
        output=folder / "output",
        limits=_LIMITS,
    )


def _judge(outcome: Outcome, written: Path) -> str:
    if outcome.ended != "exited" or outcome.exit_code != 0:
        last = outcome.log.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return outcome.detail or f"the probe's program {outcome.ended}: {last}"
    report = json.loads((written / "report.json").read_text())
    if report["input"] != _INPUT or not (written / "volume.nii.gz").is_file():
        return "the probe's program could not read its input or write its output"
    if report["broken"]:
        return "a wall is missing: the probe's program " + ", ".join(report["broken"])
    return ""
