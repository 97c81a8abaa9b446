"""The engine that runs submissions as processes of this machine behind the kernel's walls."""

import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from blueprint.adapters import process
from blueprint.clock import monotonic_s
from blueprint.errors import ToolError
from blueprint.evaluate.engine import Job, Layer, Limits, Outcome, Probe
from blueprint.evaluate.sandbox.launcher.spec import Bounds, Result, Spec, read_result
from blueprint.evaluate.sandbox.layout import Layout, plan_layout
from blueprint.evaluate.sandbox.probe import layers_to_try, probe_layers
from blueprint.evaluate.sandbox.work_folder import work_folder

PACKAGES = ("numpy", "scipy", "nibabel")
"""What a submission may import beside the standard library."""

_LAUNCHER = Path(__file__).parent / "launcher" / "main.py"
_POLL_S = 0.1
_GRACE_S = 40.0
"""Beyond a run's own time: building walls, killing, copying. Then the launcher itself is stuck."""
_MAX_ANSWER_BYTES = 1024 * 1024
_MIB = 1024 * 1024


class ProcessSandbox:
    """Runs jobs behind namespaces or, where those are switched off, behind Landlock."""

    name = "process"

    def __init__(
        self,
        *,
        hidden: Iterable[Path] = (),
        packages: Iterable[str] = PACKAGES,
        layers: Iterable[Layer] | None = None,
    ) -> None:
        """Set what may be seen.

        Args:
            hidden: Folders that must not be seen even where a system folder holds them: the
                state folder, the organizer's data.
            packages: What a submission may import.
            layers: Layers to try, strongest first; by default those that this account can have,
                or the one that DIYCHALLENGE_SANDBOX names.
        """
        self._hidden = tuple(hidden)
        self._packages = tuple(packages)
        self._layers = tuple(layers_to_try() if layers is None else layers)

    def probe(self) -> Probe:
        """Return what holds on this machine; the first call runs a job in each layer it tries."""
        return self._probe

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:
        """Run a job in the strongest layer that works here."""
        probe = self._probe
        if not probe.works:
            return _engine_error(f"no sandbox on this machine: {probe.advice}")
        return self.run_in(probe.layer, job, cancelled=cancelled)

    def run_in(self, layer: Layer, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:
        """Run a job in one layer, whether or not it was probed."""
        try:
            with self._spec(layer, job) as spec:
                return _launch(spec, cancelled)
        except (ToolError, OSError) as error:
            return _engine_error(str(error))

    @cached_property
    def _probe(self) -> Probe:
        return probe_layers(self.run_in, self._layers)

    @cached_property
    def _layout(self) -> Layout:
        return plan_layout(self._packages, self._hidden)

    @contextmanager
    def _spec(self, layer: Layer, job: Job) -> Iterator[Spec]:
        if layer == "landlock":
            with work_folder(job, self._layout) as work:
                yield _spec_of(job, self._layout, work)
        else:
            yield _spec_of(job, self._layout, None)


def _spec_of(job: Job, layout: Layout, work: Path | None) -> Spec:
    return Spec(
        is_namespaced=work is None,
        argv=job.argv,
        environment=_environment(job, work),
        code=None if job.code is None else str(job.code.resolve()),
        inputs=str(job.inputs.resolve()),
        output=str(job.output.resolve()),
        work=str(work or ""),
        bounds=_bounds(job.limits),
        binds=layout.binds,
        links=layout.links,
        texts=layout.texts,
        masks=layout.masks,
    )


def _environment(job: Job, work: Path | None) -> dict[str, str]:
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "DIYCHALLENGE_SEED": str(job.seed),
        "HOME": "/tmp",  # noqa: S108 - the run's own
        "LANG": "C.UTF-8",
        "PATH": f"{work or ''}/python/bin",
        # Else what a program printed before it was killed would be lost in its buffer.
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(threads, str(job.limits.cpus)),
    }


def _bounds(limits: Limits) -> Bounds:
    return Bounds(
        cpus=limits.cpus,
        memory_bytes=limits.memory_mib * _MIB,
        time_s=limits.time_s,
        output_bytes=limits.output_mib * _MIB,
        tmp_bytes=limits.tmp_mib * _MIB,
        files=limits.files,
        processes=limits.processes,
    )


def _launch(spec: Spec, cancelled: Callable[[], bool]) -> Outcome:
    """Start the launcher, tell it the spec, and wait for its answer while the run is wanted."""
    argv = [sys.executable, "-I", "-S", str(_LAUNCHER)]
    with process.start(argv, stdin=process.PIPE, stdout=process.PIPE) as child:
        if child.stdin is None or child.stdout is None:
            raise ToolError("the launcher was started without pipes")
        child.stdin.write(spec.as_json().encode())
        child.stdin.flush()
        deadline = monotonic_s() + spec.bounds.time_s + _GRACE_S
        answer = bytearray()
        while len(answer) < _MAX_ANSWER_BYTES:
            if select.select([child.stdout], [], [], _POLL_S)[0]:
                chunk = os.read(child.stdout.fileno(), _MAX_ANSWER_BYTES)
                if not chunk:
                    break
                answer += chunk
            elif cancelled():
                return _cancel(child)
            elif monotonic_s() > deadline:
                return _engine_error("the launcher did not answer in time and was killed")
    return _outcome(bytes(answer))


def _cancel(child: process.Child) -> Outcome:
    """Close the launcher's input, on which it kills the run and ends."""
    if child.stdin is not None:
        child.stdin.close()
    child.wait(_GRACE_S)
    return Outcome("cancelled", None, None, 0.0, 0.0, b"", "the run was cancelled")


def _outcome(answer: bytes) -> Outcome:
    if not answer.endswith(b"\n"):
        return _engine_error("the launcher ended without an answer")
    result: Result = read_result(answer.decode())
    return Outcome(
        ended=result.ended,  # type: ignore[arg-type]
        exit_code=result.exit_code,
        signal=result.signal,
        wall_s=result.wall_s,
        peak_memory_mib=round(result.peak_memory_bytes / _MIB, 1),
        log=result.log,
        detail=result.detail,
    )


def _engine_error(detail: str) -> Outcome:
    return Outcome("engine-error", None, None, 0.0, 0.0, b"", detail)
