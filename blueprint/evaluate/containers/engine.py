"""The engine that runs submissions in containers of a Docker engine on this machine."""

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from blueprint.adapters.docker_engine import DockerEngineApi, EngineAwayError, NameTakenError
from blueprint.clock import Clock, monotonic_s, system_clock
from blueprint.contracts.job import Job
from blueprint.errors import ToolError
from blueprint.evaluate.containers import labels, place, settings
from blueprint.evaluate.containers.gpus import GpuPool
from blueprint.evaluate.containers.images import Images
from blueprint.evaluate.containers.outcome import outcome_of
from blueprint.evaluate.containers.printed import FirstWords
from blueprint.evaluate.containers.probe import Setting, probe_engine
from blueprint.evaluate.containers.running import remove_orphans, running_jobs
from blueprint.evaluate.containers.runs import Runs
from blueprint.evaluate.containers.verdict import moment
from blueprint.evaluate.containers.watch import LostError, Watch
from blueprint.evaluate.engine import Handle, Outcome, Probe, engine_error
from blueprint.evaluate.removal import remove_tree
from blueprint.evaluate.sandbox.engine import PACKAGES

_PATIENCE_S = 60.0
_ADOPT_PATIENCE_S = 10.0
_AGAIN_S = 0.5
_log = logging.getLogger(__name__)


class DockerEngine:
    """Runs each job in a container of its own, hardened (see `settings`)."""

    name = "docker"

    def __init__(
        self,
        *,
        hidden: Iterable[Path] = (),
        packages: Iterable[str] = PACKAGES,
        address: str | None = None,
        patience_s: float = _PATIENCE_S,
        clock: Clock = system_clock,
        may_mount: bool = True,
        scratch: Path | None = None,
    ) -> None:
        """Set what is used; nothing is asked yet.

        Args:
            hidden: What no submission may see. No container sees it anyway; an evaluator's
                containers are known by it after a restart.
            packages: What code may import beside the standard library.
            address: Where the engine listens; by default DOCKER_HOST, or the usual socket.
            patience_s: How long an engine that does not answer is waited for.
            clock: Says what time it is, to know how long an adopted run has run.
            may_mount: Whether, as root, folders are shown through mounts of ours.
            scratch: A folder that the engine sees as we do, for the trial run.
        """
        self._api = DockerEngineApi(address)
        told = "\0".join(sorted(str(path.resolve()) for path in hidden)) or secrets.token_hex(8)
        self._owner = hashlib.sha256(told.encode()).hexdigest()[:16]
        self._images = Images(self._api, packages)
        self._patience_s = patience_s
        self._clock = clock
        self._may_mount = may_mount
        self._scratch = scratch
        self._lock = threading.RLock()
        self._probed: tuple[Setting | None, Probe] | None = None
        self._pool: GpuPool | None = None
        self._is_settled = False
        self._runs = Runs()

    def probe(self) -> Probe:
        """Return what holds; the first call makes the image for code and runs a job in it."""
        return self._probe()[1]

    def start(self, job: Job) -> Handle:
        """Start a job; a container of this name and nonce that is there already is adopted."""
        setting, probe = self._probe()
        if setting is None:
            return self._runs.refuse(job, probe.advice)
        return self._start_in(setting, job)

    def wait(self, handle: Handle, cancelled: Callable[[], bool]) -> Outcome:
        """Wait for a container's end, stop it at its limits, and collect what it wrote."""
        known = self._runs.outcomes.get(handle.id)
        if known is None:
            known = self._runs.outcomes[handle.id] = self._wait(handle, cancelled)
        return known

    def find(self, nonce: str) -> list[Handle]:
        """Return the containers of an attempt, whoever started them.

        An engine that does not answer is waited for a little: after a restart of the machine it
        may come up later than we do. What nobody finds again is removed (see `remove_orphans`).
        """
        refused = self._runs.refused_of(nonce)
        deadline_s = monotonic_s() + _ADOPT_PATIENCE_S
        while nonce:
            try:
                self._settle()
                return [*refused, *running_jobs(self._api, nonce)]
            except EngineAwayError as error:
                if monotonic_s() > deadline_s:
                    _log.warning("what still runs cannot be seen: %s", error)
                    break
                threading.Event().wait(_AGAIN_S)
        return refused

    def remove(self, handle: Handle) -> None:
        """End a container if it runs, and remove it with its folder."""
        self._runs.forget(handle)
        if self._pool is not None:
            self._pool.give_back(handle.name)
        try:
            noted = self._noted(handle)
            if noted is not None:
                self._api.remove(handle.id)
                _clear(Path(noted.folder))
        except EngineAwayError as error:
            self._is_settled = False  # an orphan, as soon as its attempt's folder is gone
            _log.warning("%s is removed when the engine is back: %s", handle.name, error)

    def _probe(self) -> tuple[Setting | None, Probe]:
        with self._lock:
            if self._probed is None:
                self._probed = probe_engine(
                    self._api, self._run_in, may_mount=self._may_mount, scratch=self._scratch
                )
                if self._probed[0] is not None:
                    self._pool = GpuPool(self._probed[0].devices)
            return self._probed

    def _run_in(self, setting: Setting, job: Job) -> Outcome:
        handle = self._start_in(setting, job)
        try:
            return self._wait(handle, lambda: False)
        finally:
            self.remove(handle)

    def _start_in(self, setting: Setting, job: Job) -> Handle:
        with self._runs.beginning(job.name):
            try:
                self._settle()
                return self._present(job) or self._create(setting, job)
            except (ToolError, OSError) as error:
                if self._pool is not None:
                    self._pool.give_back(job.name)
                return self._runs.refuse(job, str(error))

    def _create(self, setting: Setting, job: Job) -> Handle:
        nonce = job.nonce or secrets.token_hex(8)
        image = self._images.of(job)
        folder = job.output.resolve().parent / f"engine-{job.name}"
        gpus = (self._pool or GpuPool(setting.devices)).take(job.name, job.gpus)
        noted = labels.note(job, nonce, folder, bounded=setting.bounded, gpus=gpus.ids)
        container = settings.Container(
            job=job,
            image=image.id,
            volumes=image.volumes,
            user=job.user or setting.user,
            mounts=place.make_place(folder, job, bounded=setting.bounded),
            labels=labels.labels_of(noted, self._owner),
            cpus=setting.cpus,
            gpus=gpus,
        )
        name = labels.container_name(job.name, nonce)
        try:
            created = self._api.create(name, settings.container_settings(container))
        except NameTakenError as error:
            raise ToolError(f"there is a container {name} that is not this job's") from error
        self._begin(job, created, folder, bounded=setting.bounded)
        return Handle(job.name, job.nonce, created)

    def _begin(self, job: Job, container: str, folder: Path, *, bounded: bool) -> None:
        """Start a container that was created; mounts of ours are only needed meanwhile."""
        words = FirstWords(self._api, container)
        try:
            if bounded:
                place.mount_place(folder, job)
            words.listen()
            self._api.start(container)
            place.let_go(folder)
        except BaseException:
            self._api.remove(container)
            _clear(folder)
            raise
        self._runs.began(container, words)

    def _present(self, job: Job) -> Handle | None:
        """Return this job's container if there is one; one that was never started is removed."""
        if not job.nonce:
            return None
        facts = self._api.inspect(labels.container_name(job.name, job.nonce))
        noted = None if facts is None else labels.noted_in(facts)
        if facts is None or noted is None:
            return None
        if facts["State"]["Status"] != "created":
            return Handle(job.name, job.nonce, str(facts["Id"]))
        self._api.remove(str(facts["Id"]))
        _clear(Path(noted.folder))
        return None

    def _wait(self, handle: Handle, cancelled: Callable[[], bool]) -> Outcome:
        if (why := self._runs.why_refused(handle)) is not None:
            return engine_error(why)
        try:
            noted = self._noted(handle)
            if noted is None:
                return engine_error(f"{handle.name} was not started here")
            until_s = self._begun_s(handle) + noted.limits.time_s
            watch = Watch(self._api, handle.id, noted, until_s, cancelled, self._patience_s)
            found = watch.follow()
            first, peak = self._runs.heard(handle), watch.peak_bytes
            return outcome_of(self._api, handle.id, noted, found, first=first, peak=peak)
        except LostError as error:
            self._is_settled = False
            return engine_error(str(error))
        except (ToolError, OSError) as error:
            return engine_error(str(error))

    def _begun_s(self, handle: Handle) -> float:
        """Return when a container began, by the monotonic clock."""
        if (begun_s := self._runs.begun_s(handle)) is not None:
            return begun_s
        facts = self._api.inspect(handle.id) or {"State": {}}
        began = moment(facts["State"].get("StartedAt"))
        ran_s = 0.0 if began is None else (self._clock() - began).total_seconds()
        return monotonic_s() - max(0.0, ran_s)

    def _noted(self, handle: Handle) -> labels.Noted | None:
        facts = self._api.inspect(handle.id)
        noted = None if facts is None else labels.noted_in(facts)
        if noted is None or noted.name != handle.name or handle.nonce not in ("", noted.nonce):
            return None
        return noted

    def _settle(self) -> None:
        """Remove what belongs to nobody: once, and after each time that the engine was away."""
        with self._lock:
            if self._is_settled:
                return
            for noted in remove_orphans(self._api, self._owner, _clear, self._runs.names()):
                if self._pool is not None:
                    self._pool.hold(noted.name, noted.gpus)
            self._is_settled = True


def _clear(folder: Path) -> None:
    """Remove a job's folder, with what may be mounted in it."""
    place.let_go(folder)
    remove_tree(folder)
