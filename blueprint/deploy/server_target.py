"""The target `server` until deploys to servers are in force: it says so, and does nothing half."""

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from blueprint.data.check.run import Progress
from blueprint.deploy.preview import Preview
from blueprint.deploy.server_plan import bundle_of, preview_server
from blueprint.errors import InputError


@dataclass(frozen=True)
class ServerTarget:
    """Plans, and refuses whatever else the port asks for (see `deploy.target`)."""

    file: Path
    name: str = "server"

    def survey(self, **_asked: object) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def plan(self, *_asked: object) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def preview(
        self, *, against: Path | None = None, progress: Progress = lambda _done, _of: None
    ) -> Preview:
        """Return the whole plan, and how it differs from what is deployed."""
        del progress  # no data is opened for it
        return preview_server(bundle_of(self.file), against=against)

    def apply(self, *_asked: object, **_more: object) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def open(self) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def status(self, *_asked: object, **_more: object) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def logs(self, *_asked: object) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def down(self) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def holdings(self) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)

    def destroy(self) -> NoReturn:
        """Refuse."""
        raise _not_yet(self.file)


def _not_yet(file: Path) -> InputError:
    return InputError(
        f"{file}: target: 'server' is planned and rendered in this version, not deployed yet",
        hint="`diychallenge render --to DIR` writes the bundle; `target: embedded` deploys here",
    )
