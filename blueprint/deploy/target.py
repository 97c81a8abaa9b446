"""The port behind which a challenge is put in force: what each target can be asked to do."""

from pathlib import Path
from typing import Protocol

from blueprint.data.check.run import Progress
from blueprint.deploy.destroy import Destruction, Holdings
from blueprint.deploy.embedded import DeployReport
from blueprint.deploy.prepare import Report
from blueprint.deploy.preview import Preview
from blueprint.deploy.running import Ending
from blueprint.deploy.status import StatusReport
from blueprint.deploy.wanted import Wanted
from blueprint.platform import Platform


class Target(Protocol):
    """One challenge.yaml, and the place where it is in force or shall be.

    A command takes the survey once and passes it on: the file is read, the data opened and the
    machine looked at a single time, and what is applied is what was shown.
    """

    @property
    def name(self) -> str:
        """The target's name, as `target:` in challenge.yaml has it."""

    def survey(self, *, progress: Progress) -> Wanted:
        """Return what the file asks for; nothing is made or changed.

        Raises:
            InputError: The file, its data or the place cannot be used.
        """

    def plan(self, wanted: Wanted) -> tuple[str, ...]:
        """Return in words what `apply` would change; empty when nothing."""

    def preview(self, *, against: Path | None = None, progress: Progress) -> Preview:
        """Return what `deploy` would put in force and change, for people and for scripts.

        Args:
            against: Compare with this plan in place of what is deployed (servers alone).
            progress: Called while data is opened.

        Raises:
            InputError: The file, its data, the place or `against` cannot be used.
        """

    def apply(
        self, wanted: Wanted, *, report: Report, verify: bool = False, accept_loss: bool = False
    ) -> DeployReport:
        """Put in force what was surveyed; a second call changes nothing.

        Args:
            wanted: The survey.
            report: Called with a line for each step that took effect.
            verify: Read all test data again, whatever is known of the files.
            accept_loss: Go on without parts of the deployment that are lost for good.
        """

    def open(self) -> Platform:
        """Return the handle on what is in force.

        Raises:
            InputError: Nothing was deployed.
        """

    def status(self, platform: Platform, *, verify: bool = False) -> StatusReport:
        """Return how the deployment behind `platform` stands."""

    def logs(self, lines: int) -> tuple[str, ...]:
        """Return the last lines that the platform said of itself."""

    def down(self) -> Ending:
        """Make sure that the platform does not run; what it holds stays."""

    def holdings(self) -> Holdings:
        """Return what `destroy` would take away."""

    def destroy(self) -> Destruction:
        """Remove what was made, and nothing else."""
