"""The one folder that holds everything a deployment is: where each thing lies in it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SOCKET = "internal.sock"
_MAX_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True)
class StateFolder:
    """The layout of the state folder (`embedded.state`); it names places and makes nothing."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite database: the only thing that is not derived."""
        return self.root / "platform.db"

    @property
    def database_address(self) -> Path:
        """Where it exists, the address of a PostgreSQL database that takes the file's place."""
        return self.keys / "database.url"

    @property
    def objects_address(self) -> Path:
        """Where it exists, the S3 server (JSON) whose buckets take the place of folders here."""
        return self.keys / "objects.json"

    @property
    def copies(self) -> Path:
        """Copies of the database, each made before a migration."""
        return self.root / "copies"

    @property
    def deployed(self) -> Path:
        """What the last deploy put in force (JSON): addresses, ports, digest, version."""
        return self.root / "deployed.json"

    @property
    def challenge_file(self) -> Path:
        """The challenge.yaml in force; edits beside it wait for the next deploy."""
        return self.root / "challenge.yaml"

    @property
    def engine(self) -> Path:
        """The name of the engine in force: what `auto` was when it was deployed."""
        return self.root / "engine"

    @property
    def lock(self) -> Path:
        """Held (flock) by the running platform for as long as it lives."""
        return self.root / "platform.lock"

    @property
    def pid(self) -> Path:
        """The process id of the running platform."""
        return self.root / "platform.pid"

    @property
    def runner(self) -> Path:
        """Where evaluation hosts are answered; there while the last start was one with hosts."""
        return self.root / "platform.runner"

    @property
    def datasets(self) -> Path:
        """What the test data hold, where a file that says so was handed over."""
        return self.root / "datasets.json"

    @property
    def log(self) -> Path:
        """What the platform says of itself."""
        return self.root / "platform.log"

    @property
    def keys(self) -> Path:
        """Secrets, mode 0700: receipts.key, receipts.pub, sftp_host.key."""
        return self.root / "keys"

    @property
    def git(self) -> Path:
        """One bare repository per team, `<team>.git`."""
        return self.root / "git"

    @property
    def inputs(self) -> Path:
        """Copies of test inputs for the sandbox, `<task>/<split>/<case>/`: never ground truth."""
        return self.root / "inputs"

    @property
    def runs(self) -> Path:
        """Working folders of attempts, `<submission>/<attempt>/`, removed when they end."""
        return self.root / "runs"

    @property
    def predictions(self) -> Path:
        """Validated copies of predictions, `<submission>/<case>/`."""
        return self.root / "predictions"

    @property
    def logs(self) -> Path:
        """What submissions printed, `<submission>.log`, bounded."""
        return self.root / "logs"

    @property
    def releases(self) -> Path:
        """Signed manifests, `<release>/manifest.json` and `manifest.json.sig`."""
        return self.root / "releases"

    @property
    def cache(self) -> Path:
        """Facts about the project's data that can be found out again (see `data.fact_cache`)."""
        return self.root / "cache"

    @property
    def outbox(self) -> Path:
        """Mail that a server would have sent, one `.eml` a message."""
        return self.root / "outbox"

    @property
    def page_editions(self) -> Path:
        """Copies of the Markdown pages, as deploys put them in force."""
        return self.root / "pages" / "editions"

    @property
    def pages(self) -> Path:
        """A symbolic link to the copy of the pages that is in force."""
        return self.root / "pages" / "current"

    @property
    def site_builds(self) -> Path:
        """Every build of the static site."""
        return self.root / "site" / "builds"

    @property
    def site(self) -> Path:
        """A symbolic link to the build that is published."""
        return self.root / "site" / "current"

    @property
    def own_sockets(self) -> Path:
        """Where sockets lie when the path is short enough."""
        return self.root / "sockets"

    @property
    def socket_folder(self) -> Path:
        """A folder (mode 0700) for sockets: here, or a short one where no socket could be here.

        A path above 107 bytes cannot be a socket, and cleaners visit folders of temporary files.
        """
        here = self.own_sockets.resolve()
        if len(os.fsencode(here / _SOCKET)) <= _MAX_SOCKET_PATH_BYTES:
            return here
        digest = hashlib.sha256(os.fsencode(self.root.resolve())).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"diychallenge-{os.getuid()}-{digest}"

    @property
    def socket(self) -> Path:
        """Where the platform's internal API listens (hook protocol, wake)."""
        return self.socket_folder / _SOCKET
