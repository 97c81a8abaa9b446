"""Everything that takes access away from ada, whoever does it."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from blueprint.config.model import Agreement
from blueprint.people import resets
from blueprint.people.approval import revoke
from blueprint.people.git_tokens import list_tokens, revoke_token, rotate_token
from blueprint.people.person import find_person
from blueprint.people.ssh_keys import list_keys, remove_key
from blueprint.platform import Platform
from tests.integration.access.doors import id_of

Cause = Callable[[Platform, datetime], Platform]
"""Changes something, and returns the platform as it is in force afterwards."""


def _revoke(platform: Platform, now: datetime) -> Platform:
    revoke(platform, "ada", by="olga", now=now)
    return platform


def _remove_key(platform: Platform, now: datetime) -> Platform:
    ada = id_of(platform, "ada")
    for key in list_keys(platform.database, ada):
        remove_key(platform.database, ada, key.id, now)
    return platform


def _revoke_token(platform: Platform, now: datetime) -> Platform:
    ada = id_of(platform, "ada")
    for token in list_tokens(platform.database, ada):
        revoke_token(platform.database, ada, token.id, now)
    return platform


def _rotate_token(platform: Platform, now: datetime) -> Platform:
    ada = id_of(platform, "ada")
    for token in list_tokens(platform.database, ada):
        rotate_token(platform.database, ada, token.id, now)
    return platform


def _reset(platform: Platform, now: datetime) -> Platform:
    person = find_person(platform.database, "ada")
    assert person is not None
    link = resets.send_reset(platform, person, now, by="olga").link
    resets.finish_reset(
        platform, link.rpartition("/")[2], "another long password", now,
        end_git_tokens=True, end_ssh_keys=True,
    )  # fmt: skip
    return platform


def _new_agreement(platform: Platform, now: datetime) -> Platform:
    """Put an agreement in force that nobody has accepted: nothing notes that for anybody."""
    agreement = Agreement.model_validate({"id": "data-use", "version": 2, "page": "x.md"})
    people = platform.challenge.people.model_copy(update={"agreements": (agreement,)})
    return replace(platform, challenge=platform.challenge.model_copy(update={"people": people}))


CAUSES: dict[str, Cause] = {
    "revoke": _revoke,
    "key removed": _remove_key,
    "token revoked": _revoke_token,
    "token rotated": _rotate_token,
    "reset": _reset,
    "agreement": _new_agreement,
}

_KILLED = """\
import os, signal, sys
from datetime import datetime
from pathlib import Path
from blueprint.database.connection import open_sqlite
from blueprint.people.approval import revoke
from blueprint.platform import Platform
from blueprint.state import StateFolder
from tests.integration.sftp.conftest import _challenge
from tests.local_addresses import LOCAL
state = StateFolder(Path(sys.argv[1]))
database = open_sqlite(state.database)
now = datetime.fromisoformat(sys.argv[2])
platform = Platform(_challenge(), Path("/nonexistent"), state, database, lambda: now, LOCAL)
revoke(platform, "ada", by="olga", now=now)
os.kill(os.getpid(), signal.SIGKILL)
"""


def revoke_and_be_killed(platform: Platform, now: datetime) -> None:
    """Revoke ada in a process that is killed (-9) right after the commit."""
    argv = [sys.executable, "-c", _KILLED, str(platform.state.root), now.isoformat()]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == -9, ended.stderr
