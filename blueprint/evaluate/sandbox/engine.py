"""The engine that runs submissions as processes of this machine behind the kernel's walls."""

import os
import select
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

from blueprint.adapters import process
from blueprint.clock import monotonic_s
from blueprint.errors import ToolError
from blueprint.evaluate.engine import (
    SHARED_MEMORY_MIB,
    Handle,
    Job,
    Limits,
    Outcome,
    Probe,
    engine_error,
)
from blueprint.evaluate.sandbox.cores import Cores
from blueprint.evaluate.sandbox.launcher.spec import Bounds, Result, Spec, read_result
from blueprint.evaluate.sandbox.layers import Layer
from blueprint.evaluate.sandbox.layout import Layout, plan_layout
from blueprint.evaluate.sandbox.probe import Found, layers_to_try, probe_layers
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
        self._cores = Cores()
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._handles: dict[str, Handle] = {}
        self._started = 0

    @property
    def layer(self) -> Layer:
        """The strongest layer that works here; `none` where nothing does."""
        return self._found.layer

    def probe(self) -> Probe:
        """Return what holds on this machine; the first call runs a job in each layer it tries."""
        return self._found.probe

    def start(self, job: Job) -> Handle:
        """Start a job in the strongest layer that works here."""
        if self.layer == "none":
            return self._keep(
                job, _Run.refused(f"no sandbox on this machine: {self.probe().advice}")
            )
        return self.start_in(self.layer, job)

    def start_in(self, layer: Layer, job: Job) -> Handle:
        """Start a job in one layer, whether or not it was probed."""
        lacking = _lacking(job)
        if lacking:
            return self._keep(job, _Run.refused(f"the process sandbox {lacking}"))
        run = _Run()
        try:
            run.start(self._spec(layer, job))
        except (ToolError, OSError) as error:
            run.close()
            run = _Run.refused(str(error))
        return self._keep(job, run)

    def wait(self, handle: Handle, cancelled: Callable[[], bool]) -> Outcome:
        """Wait for a run that this object started."""
        run = self._runs.get(handle.id)
        if run is None:
            return engine_error(f"{handle.name} was not started here")
        try:
            return run.wait(cancelled)
        except (ToolError, OSError) as error:
            return engine_error(str(error))

    def find(self, nonce: str) -> list[Handle]:
        """Return the runs that this object started; those of a platform that died died with it."""
        with self._lock:
            return [handle for handle in self._handles.values() if handle.nonce == nonce]

    def remove(self, handle: Handle) -> None:
        """Kill the run if it is there, and remove its work folder."""
        with self._lock:
            run = self._runs.pop(handle.id, None)
            self._handles.pop(handle.id, None)
        if run is not None:
            run.close()

    def run_in(self, layer: Layer, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:
        """Run a job in one layer to its end."""
        handle = self.start_in(layer, job)
        try:
            return self.wait(handle, cancelled)
        finally:
            self.remove(handle)

    @cached_property
    def _found(self) -> Found:
        return probe_layers(self.run_in, self._layers)

    @cached_property
    def _layout(self) -> Layout:
        return plan_layout(self._packages, self._hidden)

    def _keep(self, job: Job, run: "_Run") -> Handle:
        with self._lock:
            self._started += 1
            handle = Handle(job.name, job.nonce, str(self._started))
            self._runs[handle.id], self._handles[handle.id] = run, handle
        return handle

    @contextmanager
    def _spec(self, layer: Layer, job: Job) -> Iterator[Spec]:
        with ExitStack() as stack:
            cores = stack.enter_context(self._cores.held(job.limits.cpus))
            work = None
            if layer == "landlock":
                work = stack.enter_context(work_folder(job, self._layout))
            yield _spec_of(job, self._layout, work, cores)


class _Run:
    """A launcher at work, or why there is none."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._child: process.Child | None = None
        self._outcome: Outcome | None = None
        self._deadline_s = 0.0

    @classmethod
    def refused(cls, why: str) -> Self:
        run = cls()
        run._outcome = engine_error(why)
        return run

    def start(self, prepared: AbstractContextManager[Spec]) -> None:
        """Start the launcher and tell it the spec."""
        spec = self._held.enter_context(prepared)
        argv = [sys.executable, "-I", "-S", str(_LAUNCHER)]
        child = process.start(argv, stdin=process.PIPE, stdout=process.PIPE)
        self._child = self._held.enter_context(child)
        if child.stdin is None:
            raise ToolError("the launcher was started without pipes")
        child.stdin.write(spec.as_json().encode())
        child.stdin.flush()
        self._deadline_s = monotonic_s() + spec.bounds.time_s + _GRACE_S

    def wait(self, cancelled: Callable[[], bool]) -> Outcome:
        """Wait for the launcher's answer while the run is wanted."""
        if self._outcome is None and self._child is not None:
            self._outcome = _answer_of(self._child, self._deadline_s, cancelled)
        return self._outcome or engine_error("the run was removed")

    def close(self) -> None:
        self._held.close()


def _lacking(job: Job) -> str:
    """Return what a job asks for and this engine does not have."""
    if job.image is not None:
        return "runs no images"
    if job.gpus:
        return "gives out no GPUs"
    if job.weights is not None:
        return "mounts no weights: they come with the code"
    if job.user is not None:
        return "runs programs as its own user alone"
    if job.shared_memory_mib > SHARED_MEMORY_MIB:
        return f"has {SHARED_MEMORY_MIB} MiB of shared memory"
    return ""


def _spec_of(job: Job, layout: Layout, work: Path | None, cores: tuple[int, ...]) -> Spec:
    return Spec(
        is_namespaced=work is None,
        argv=job.argv,
        environment=_environment(job, work),
        code=None if job.code is None else str(job.code.resolve()),
        inputs=str(job.inputs.resolve()),
        output=str(job.output.resolve()),
        work=str(work or ""),
        bounds=_bounds(job.limits),
        cores=cores,
        binds=layout.binds,
        links=layout.links,
        texts=layout.texts,
        masks=layout.masks,
    )


def _environment(job: Job, work: Path | None) -> dict[str, str]:
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        **job.environment,
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


def _answer_of(child: process.Child, deadline_s: float, cancelled: Callable[[], bool]) -> Outcome:
    if child.stdout is None:
        raise ToolError("the launcher was started without pipes")
    answer = bytearray()
    while len(answer) < _MAX_ANSWER_BYTES:
        if select.select([child.stdout], [], [], _POLL_S)[0]:
            chunk = os.read(child.stdout.fileno(), _MAX_ANSWER_BYTES)
            if not chunk:
                break
            answer += chunk
        elif cancelled():
            return _cancel(child)
        elif monotonic_s() > deadline_s:
            return engine_error("the launcher did not answer in time and was killed")
    return _outcome(bytes(answer))


def _cancel(child: process.Child) -> Outcome:
    """Close the launcher's input, on which it kills the run and ends."""
    if child.stdin is not None:
        child.stdin.close()
    child.wait(_GRACE_S)
    return Outcome("cancelled", None, None, 0.0, 0.0, b"", "the run was cancelled")


def _outcome(answer: bytes) -> Outcome:
    if not answer.endswith(b"\n"):
        return engine_error("the launcher ended without an answer")
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
