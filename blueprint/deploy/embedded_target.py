"""The target `embedded`: one process on this machine, everything in one state folder."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from blueprint.clock import Clock, system_clock
from blueprint.data.check.run import Progress
from blueprint.deploy import destroy as destroying
from blueprint.deploy import embedded, running
from blueprint.deploy.destroy import Destruction, Holdings
from blueprint.deploy.embedded import DeployReport
from blueprint.deploy.host import demand_owner
from blueprint.deploy.locate import state_of
from blueprint.deploy.prepare import Report
from blueprint.deploy.preview import Preview
from blueprint.deploy.record import read_record
from blueprint.deploy.running import Ending
from blueprint.deploy.status import StatusReport, status_of
from blueprint.deploy.wanted import Wanted, platform_changes, survey
from blueprint.errors import InputError
from blueprint.platform import Platform, open_platform
from blueprint.state import StateFolder

_MAX_TAIL_BYTES = 1024 * 1024


@dataclass(frozen=True)
class EmbeddedTarget:
    """What the port asks for (see `deploy.target`), on this machine."""

    file: Path
    clock: Clock = system_clock
    name: str = "embedded"

    @cached_property
    def state(self) -> StateFolder:
        """The state folder, which must be ours."""
        found = state_of(self.file)
        demand_owner(found)
        return found

    def survey(self, *, progress: Progress = lambda _done, _of: None) -> Wanted:
        """Return what the file asks for."""
        return survey(self.file, progress=progress)

    def plan(self, wanted: Wanted) -> tuple[str, ...]:
        """Return in words what `apply` would change."""
        before = read_record(wanted.state)
        if before is None:
            doors = f"{wanted.addresses.site} and data at {wanted.addresses.sftp}"
            return (f"first deploy: {doors}, kept in {wanted.state.root}",)
        found = platform_changes(before, wanted)
        edited = ("pages: edited",) if before.pages != wanted.pages else ()
        is_up = running.is_running(wanted.state)
        return (*found, *edited, *(() if is_up else ("platform: stopped -> running",)))

    def preview(
        self, *, against: Path | None = None, progress: Progress = lambda _done, _of: None
    ) -> Preview:
        """Return what `apply` would change."""
        if against is not None:
            raise InputError(
                f"{against}: the embedded target is compared with what is deployed alone",
                hint="leave `--against` out",
            )
        changes = self.plan(self.survey(progress=progress))
        lines = tuple(f"would change: {change}" for change in changes)
        nothing = ("nothing to change: the platform runs as challenge.yaml says",)
        return Preview(lines or nothing, {"changes": list(changes)}, bool(changes))

    def apply(
        self, wanted: Wanted, *, report: Report, verify: bool = False, accept_loss: bool = False
    ) -> DeployReport:
        """Make the platform run with what was surveyed."""
        return embedded.apply(
            wanted, clock=self.clock, report=report, verify=verify, accept_loss=accept_loss
        )

    def open(self) -> Platform:
        """Return the handle on what is in force."""
        return open_platform(self.state, clock=self.clock)

    def status(self, platform: Platform, *, verify: bool = False) -> StatusReport:
        """Return how the deployment stands."""
        return status_of(platform, self.clock(), verify=verify)

    def logs(self, lines: int) -> tuple[str, ...]:
        """Return the last lines of the platform's log; none where it never ran."""
        if not self.state.log.is_file():
            return ()
        with self.state.log.open("rb") as file:
            file.seek(max(0, self.state.log.stat().st_size - _MAX_TAIL_BYTES))
            said = file.read().decode("utf-8", "replace").splitlines()
        return tuple(said[-lines:])

    def down(self) -> Ending:
        """Stop the process."""
        return running.stop(self.state)

    def holdings(self) -> Holdings:
        """Return what the state folder holds."""
        return destroying.holdings_of(self.state)

    def destroy(self) -> Destruction:
        """Remove the state folder."""
        return destroying.destroy(self.state)
