"""Makes what the platform needs before it starts; every step may be taken any number of times."""

import os
from collections.abc import Callable
from datetime import datetime

from blueprint import audit
from blueprint.adapters.sftp_host_key import ensure_host_key
from blueprint.clock import Clock, to_text
from blueprint.data.manifests import ensure_manifest, manifest_path
from blueprint.database.connection import Database
from blueprint.database.stored import (
    in_words,
    migrate_stored,
    open_unchecked,
)
from blueprint.deploy.contents import old_log
from blueprint.deploy.fitting import demand_fitting
from blueprint.deploy.pages import freeze_pages
from blueprint.deploy.record import Record, write_record
from blueprint.deploy.wanted import Wanted
from blueprint.deployment import ensure_marked, number_of
from blueprint.files import write_whole
from blueprint.intake.bare_repositories import BareRepositories
from blueprint.people.teams import list_teams
from blueprint.platform import Platform
from blueprint.signing import ensure_signing_key
from blueprint.state import StateFolder

Report = Callable[[str], None]
"""Is called with a line for each step that took effect."""

_MAX_LOG_BYTES = 8 * 1024 * 1024
_SIGNING_KEY = "receipts.key"
_SIGNING_PUBLIC = "receipts.pub"


def open_prepared(
    wanted: Wanted, clock: Clock, report: Report, *, accept_loss: bool = False
) -> Platform:
    """Make the state folder, the database and the keys, and return the handle on them.

    No platform of an earlier version may be running.

    Raises:
        InputError: What is stored there does not fit the challenge.
        BlueprintError: The database is damaged, or somebody keeps it locked.
    """
    state = wanted.state
    state.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.root.chmod(0o700)  # also when somebody had made it before
    lost = demand_fitting(wanted, clock, accept_loss=accept_loss)
    database = open_unchecked(state)
    try:
        _migrate(database, state, clock(), report)
        _ensure_keys(state)
        ensure_marked(state, database)
        if lost:
            _go_on_without(lost, wanted, database, clock(), report)
    except BaseException:
        database.close()
        raise
    return Platform(wanted.challenge, wanted.project, state, database, clock, wanted.addresses)


def sign_releases(platform: Platform, report: Report) -> tuple[str, ...]:
    """Make sure that every release has a signed manifest; return the releases signed anew.

    Raises:
        InputError: A release holds what cannot be given out, or was changed while open.
    """
    signed = []
    for release in platform.challenge.data.releases:
        target = manifest_path(platform, release)
        before = target.stat().st_mtime_ns if target.exists() else None
        ensure_manifest(platform, release)
        if target.stat().st_mtime_ns != before:
            signed.append(release.id)
            report(f"release {release.id}: checksums made and signed")
    return tuple(signed)


def put_in_force(wanted: Wanted, now: datetime) -> None:
    """Store the challenge and the record of this deploy for the platform to read."""
    state = wanted.state
    freeze_pages(state, wanted.project, wanted.challenge)
    write_whole(state.challenge_file, wanted.file.read_bytes())
    write_whole(state.engine, f"{wanted.sandbox.engine}\n".encode())
    write_record(
        state,
        Record(
            project=str(wanted.project),
            deployed_at=to_text(now),
            digest=wanted.digest,
            pages=wanted.pages,
            socket_folder=str(state.socket_folder),
            plan=wanted.plan,
            sandbox=wanted.sandbox,
            deployment=number_of(state),
            addresses=wanted.addresses,
        ),
    )


def open_log(state: StateFolder) -> int:
    """Return a descriptor that appends to the platform's log; a long one is put aside first."""
    if state.log.exists() and state.log.stat().st_size > _MAX_LOG_BYTES:
        state.log.replace(old_log(state))
    return os.open(state.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _migrate(database: Database, state: StateFolder, now: datetime, report: Report) -> None:
    migration = migrate_stored(database, state, now)
    if migration is not None and migration.before is not None:
        report(in_words(migration))
        _log_line(state, now, in_words(migration))


def _ensure_keys(state: StateFolder) -> None:
    ensure_signing_key(state.keys / _SIGNING_KEY, state.keys / _SIGNING_PUBLIC)
    ensure_host_key(state.keys / "sftp_host.key")


def _go_on_without(
    lost: tuple[str, ...], wanted: Wanted, database: Database, now: datetime, report: Report
) -> None:
    """Keep in the audit log what the organizer went on without; repositories begin empty."""
    repositories = BareRepositories(wanted.state.git, wanted.addresses)
    for team in list_teams(database):
        repositories.ensure(team.slug)
    with database.write() as connection:
        detail = {"lost": list(lost)}
        audit.append(connection, now, "organizer", "deployment.loss-accepted", "deploy", detail)
    for line in lost:
        report(f"accepted as lost: {line}")


def _log_line(state: StateFolder, now: datetime, line: str) -> None:
    with os.fdopen(open_log(state), "a", encoding="utf-8") as log:
        log.write(f"{to_text(now)} INFO deploy: {line}\n")
