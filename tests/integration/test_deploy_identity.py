"""Parts of a deployment that are lost, damaged or exchanged are named, and nothing is made up."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from blueprint import audit
from blueprint.database.connection import open_sqlite
from blueprint.database.damage import StorageError, demand_sound
from blueprint.deploy.embedded import ready
from blueprint.deployment import demand_whole
from blueprint.errors import InputError
from blueprint.signing import ensure_signing_key
from blueprint.state import StateFolder
from tests.landed.landed import FOLDER, make_database, make_state

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "blueprint" / "scaffold" / "brain_tissue"


class Admin:
    """Types commands in the folder of a challenge."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / ".diychallenge"

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", *words], cwd=self.folder, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=300, check=False,
        )  # fmt: skip

    def deploy(self, *, accept_loss: bool = False) -> str:
        """Do what a deploy does before it starts the platform, and return what it says."""
        told: list[str] = []
        file = self.folder / "challenge.yaml"
        ready(file, report=told.append, accept_loss=accept_loss)
        return "\n".join(told)

    def refused(self, *words: str) -> str:
        """Return what a command says that must fail in order, and change nothing."""
        before = self._parts()
        done = self.run(*words)
        assert done.returncode in (1, 2), done.stdout
        assert "hint: " in done.stderr
        for bad in ("unexpected", "report it", "Traceback"):
            assert bad not in done.stderr
        assert self._parts() <= before
        return done.stderr

    def _parts(self) -> set[str]:
        """What a deployment holds; locks, caches and SQLite's two files are nothing of it."""
        passing = ("platform.db-", "platform.lock", "deploy.lock", "cache")
        return {path.name for path in self.state.iterdir() if not path.name.startswith(passing)}

    def marks(self) -> set[str]:
        record = json.loads((self.state / "deployed.json").read_text())
        with closing(sqlite3.connect(self.state / "platform.db")) as database:
            query = "SELECT value FROM meta WHERE key = 'deployment'"
            (noted,) = database.execute(query).fetchone()
        files = [(self.state / part / "deployment.id").read_text() for part in ("keys", "git")]
        return {record["deployment"], noted, *(text.strip() for text in files)}


def make(folder: Path, free_port: Any) -> Admin:
    folder.mkdir()
    for part in ("data", "pages"):
        shutil.copytree(STARTER / part, folder / part)
    text = (FOLDER / "platform-0.challenge.yaml").read_text()
    for port in ("18080", "12022"):
        text = text.replace(port, str(free_port()))
    (folder / "challenge.yaml").write_text(text)
    make_state(folder, folder / ".diychallenge", folder.parent / "sockets")
    return Admin(folder)


@pytest.fixture
def admin(tmp_path, free_port):
    """A deployment of version 0 that this version took over, and that is stopped."""
    made = make(tmp_path / "brain", free_port)
    made.deploy()
    yield made
    made.run("destroy", "--yes")


def test_a_deployment_from_before_numbers_gets_one_and_keeps_it(admin):
    marks = admin.marks()
    assert len(marks) == 1

    admin.deploy()

    assert admin.marks() == marks


@pytest.mark.parametrize("loss", ["deleted", "emptied", "made anew"])
def test_a_lost_database_is_not_begun_anew(admin, loss):
    for part in admin.state.glob("platform.db*"):
        part.unlink()
    if loss == "emptied":
        (admin.state / "platform.db").touch()
    if loss == "made anew":
        with closing(open_sqlite(admin.state / "platform.db")) as database:
            database.ensure_schema()

    said = admin.refused("deploy")

    assert "database" in said
    assert ("deployed.json" in said) or ("different deployments" in said)
    (copy,) = (admin.state / "copies").iterdir()
    assert str(copy) in said
    for command in (("people", "list"), ("serve", "--state", str(admin.state))):
        admin.refused(*command)
    # What the message says is enough: the copy of before the migration goes on.
    shutil.copy(copy, admin.state / "platform.db")
    admin.deploy()
    assert "anna" in admin.run("people", "list").stdout


def test_a_database_lost_before_there_were_numbers_is_noticed_too(tmp_path, free_port):
    old = make(tmp_path / "brain", free_port)
    for part in old.state.glob("platform.db*"):
        part.unlink()

    said = old.refused("deploy")

    assert "the database is gone" in said
    assert "3 repositories of this deployment are there still" in said


def test_a_lost_key_is_not_replaced_until_the_loss_is_accepted(admin):
    public = (admin.state / "keys/receipts.pub").read_text()
    (admin.state / "keys/receipts.key").unlink()

    said = admin.refused("deploy")
    assert "receipts.key: the key that signs receipts is gone" in said
    assert "put it back from your backup" in said
    admin.refused("serve", "--state", str(admin.state))
    assert (admin.state / "keys/receipts.pub").read_text() == public

    told = admin.deploy(accept_loss=True)
    assert "accepted as lost" in told
    assert (admin.state / "keys/receipts.pub").read_text() != public
    with closing(open_sqlite(admin.state / "platform.db")) as database:
        assert audit.verify(database).problem == ""
        with database.read() as connection:
            actions = connection.exec_driver_sql("SELECT action FROM audit").scalars().all()
    assert actions.count("deployment.loss-accepted") == 1
    admin.deploy()  # the new key is the deployment's now


def test_lost_repositories_are_begun_anew_once_the_loss_is_accepted(admin):
    lost = admin.state / "git/gardeners.git"
    shutil.rmtree(lost)
    with pytest.raises(InputError, match="repositories of teams that have submitted are gone"):
        admin.deploy()

    assert "gardeners" in admin.deploy(accept_loss=True)

    demand_whole(StateFolder(admin.state))  # as the platform does at its start
    assert "accepted as lost" not in admin.deploy()
    assert (lost / "hooks/pre-receive").is_file()


def test_a_lost_host_key_is_not_replaced_in_silence(admin):
    (admin.state / "keys/sftp_host.key").unlink()

    assert "sftp_host.key" in admin.refused("deploy")
    assert not (admin.state / "keys/sftp_host.key").exists()

    admin.deploy(accept_loss=True)
    assert (admin.state / "keys/sftp_host.key").exists()


def test_parts_of_another_deployment_are_refused(admin, tmp_path, free_port):
    other = make(tmp_path / "other", free_port)
    (other.state / "keys/receipts.key").unlink()
    ensure_signing_key(other.state / "keys/receipts.key", other.state / "keys/receipts.pub")
    other.deploy()
    for part, expected in (
        ("keys", "different deployments"), ("git", "different deployments"),
        ("keys/receipts.key", "another key"), ("platform.db", "different deployments"),
        ("git/gardeners.git", ""),
    ):  # fmt: skip
        place, keep = admin.state / part, tmp_path / "keep"
        place.rename(keep)
        if expected:
            copy = shutil.copytree if (other.state / part).is_dir() else shutil.copy
            copy(other.state / part, place)

        said = admin.refused("deploy")

        assert (expected or "gardeners") in said, part
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        keep.rename(place)
    admin.deploy()
    other.run("destroy", "--yes")


def test_a_zeroed_page_anywhere_in_the_database_is_found_before_the_platform_starts(admin):
    file = admin.state / "platform.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = database.execute("PRAGMA page_size").fetchone()
    whole = file.read_bytes()
    found = []
    for number in range(len(whole) // size):
        damaged = whole[: number * size] + bytes(size) + whole[(number + 1) * size :]
        file.write_bytes(damaged)
        found.append(is_sound(file))
    file.write_bytes(whole)
    with closing(sqlite3.connect(file)) as database:
        (free,) = database.execute("PRAGMA freelist_count").fetchone()
    # A page on the list of free ones holds nothing: only such may go unnoticed.
    assert found.count(True) <= free

    middle = len(whole) // size // 2
    file.write_bytes(whole[: middle * size] + bytes(size) + whole[(middle + 1) * size :])
    for command in (("deploy",), ("serve", "--state", str(admin.state))):
        said = admin.refused(*command)
        assert "is damaged" in said
        assert "copies" in said
    file.write_bytes(whole)


def is_sound(file: Path) -> bool:
    try:
        return demand_sound(file)
    except StorageError:
        return False


def test_status_of_a_damaged_database_says_what_to_do(admin):
    file = admin.state / "platform.db"
    for damage in (b"this is no database" * 1000, file.read_bytes()[:4096] + bytes(40960)):
        keep = file.read_bytes()
        file.write_bytes(damage)
        said = admin.refused("status")
        assert "platform.db: is" in said
        assert "put back a copy" in said
        file.write_bytes(keep)


def mounted(script: str, *words: object) -> "subprocess.CompletedProcess[str]":
    """Run a script where mounts are its own; skip where the machine allows none."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    inside = ["unshare", "--mount", *as_root, "sh", "-euc"]
    tried = subprocess.run([*inside, "mount -t tmpfs none /mnt"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip("this machine lets nobody mount")
    return subprocess.run(
        [*inside, script, "sh", *map(str, words)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120,
    )  # fmt: skip


def test_a_read_only_state_folder_is_named(admin):
    done = mounted(
        'cd "$1"; mount --bind .diychallenge .diychallenge;'
        ' mount -o remount,ro,bind .diychallenge;'
        ' for word in status deploy "people list"; do'
        ' "$2" -m cli $word && exit 9; echo "code $?" >&2; done; exit 0',
        admin.folder, sys.executable,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "unexpected" not in done.stderr
    assert done.stderr.count("read-only") >= 2, done.stderr
    assert "Read-only file system" in done.stderr
    assert done.stderr.count("hint: mount it writable") == 3
    admin.deploy()


def test_destroy_empties_a_mount_point_and_leaves_it(tmp_path, free_port):
    old = make(tmp_path / "brain", free_port)

    done = mounted(
        'cd "$1"; mkdir keep; mv .diychallenge/* keep; mount -t tmpfs none .diychallenge;'
        ' mv keep/* .diychallenge; mkdir .diychallenge/lost+found;'
        ' "$2" -m cli deploy; "$2" -m cli destroy --yes;'
        ' mountpoint .diychallenge; ls -A .diychallenge',
        old.folder, sys.executable,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = f"left {old.state}: it is a mount point, and is empty now"
    assert told in done.stdout
    assert done.stdout.splitlines()[-1] == "lost+found"


def test_a_copy_from_before_numbers_is_not_any_database(admin, tmp_path):
    """A copy may come back without a number; a stranger's database may not."""
    stranger = make_database(tmp_path / "stranger.db")
    with closing(sqlite3.connect(stranger)) as database:
        database.execute("UPDATE teams SET slug = 'other-' || slug")
        database.commit()
        database.execute("PRAGMA journal_mode=DELETE")
    for part in admin.state.glob("platform.db*"):
        part.unlink()
    shutil.copy(stranger, admin.state / "platform.db")

    assert "not the database of these repositories" in admin.refused("deploy")
