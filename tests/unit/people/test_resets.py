"""Resetting a password by mail: one hour, one use, and no word about who has an account."""

import email
import email.policy
import re
import stat
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from blueprint.database.schema import password_resets
from blueprint.errors import InputError, NotFoundError
from blueprint.people.approval import reset, revoke
from blueprint.people.credentials import Credentials
from blueprint.people.forms import FormFaults
from blueprint.people.git_tokens import issue_token, token_login
from blueprint.people.password_identity import authenticate
from blueprint.people.person import Person
from blueprint.people.resets import finish_reset, request_reset, reset_person
from blueprint.people.sessions import open_session, session_of
from blueprint.people.ssh_keys import add_key, list_keys
from blueprint.platform import Platform

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@host"
OLD, NEW = "correct horse battery", "staple the horse again"


def _mails(platform: Platform) -> list[Path]:
    return sorted(platform.state.outbox.glob("*.eml")) if platform.state.outbox.exists() else []


def _token(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    found = re.search(r"/portal/reset/([A-Za-z0-9_-]{43})\r?\n", message.get_content())
    assert found
    return found[1]


def test_the_mail_holds_a_link_that_sets_a_new_password_once(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    cookie, _ = open_session(platform.database, person.id, noon)
    request_reset(platform, "ADA@example.org", noon)
    (mail,) = _mails(platform)
    token = _token(mail)

    assert stat.S_IMODE(mail.stat().st_mode) == 0o600
    assert reset_person(platform, token, noon) == person
    assert finish_reset(platform, token, NEW, noon).person == person

    assert authenticate(platform.database, "ada", OLD) is None
    assert authenticate(platform.database, "ada", NEW) == person
    assert session_of(platform.database, cookie, noon) is None
    with pytest.raises(InputError, match="used before"):
        finish_reset(platform, token, NEW + "!", noon)
    assert authenticate(platform.database, "ada", NEW) == person


def test_the_message_names_the_challenge_and_the_end_of_the_link(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    request_reset(platform, "ada@example.org", noon)

    (mail,) = _mails(platform)
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)

    assert message["To"] == "ada@example.org"
    assert message["From"] == "us@example.org"
    assert message["Subject"] == "Tissue: set a new password"
    assert "until 2027-06-15T13:00:00Z" in message.get_content()


@pytest.mark.parametrize("address", ["nobody@example.org", "ada", "", "x@y\nBcc: z@y.org"])
def test_nothing_is_sent_for_what_is_no_address_of_an_account(
    platform: Platform, enrol: Callable[..., Person], noon: datetime, address: str
) -> None:
    enrol("ada")

    request_reset(platform, address, noon)

    assert _mails(platform) == []


def test_the_answer_takes_as_long_whether_there_is_an_account_or_not(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    for address in ("ada@example.org", "nobody@example.org"):
        began_s = time.monotonic()
        request_reset(platform, address, noon)
        # Never less than the fixed time, which is many times what either takes.
        assert time.monotonic() - began_s >= 0.2


def test_a_link_is_good_for_one_hour(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    request_reset(platform, "ada@example.org", noon)
    token = _token(_mails(platform)[0])

    assert reset_person(platform, token, noon + timedelta(minutes=59)) is not None
    assert reset_person(platform, token, noon + timedelta(hours=1)) is None
    with pytest.raises(InputError):
        finish_reset(platform, token, NEW, noon + timedelta(hours=1))


def test_a_weak_password_leaves_the_link_good(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    request_reset(platform, "ada@example.org", noon)
    token = _token(_mails(platform)[0])

    with pytest.raises(FormFaults) as weak:
        finish_reset(platform, token, "short", noon)
    with pytest.raises(FormFaults) as unequal:
        finish_reset(platform, token, NEW, noon, password_again=OLD)

    assert set(weak.value.fields) == {"password"}
    assert set(unequal.value.fields) == {"password_again"}
    finish_reset(platform, token, NEW, noon, password_again=NEW)


def test_one_use_ends_every_other_open_link(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    first = reset(platform, "ada", by="olga", now=noon)
    second = reset(platform, "ada", by="olga", now=noon)

    finish_reset(platform, second.link.rpartition("/")[2], NEW, noon)

    assert reset_person(platform, first.link.rpartition("/")[2], noon) is None


def test_a_mailbox_is_not_flooded(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    for _ in range(10):
        request_reset(platform, "ada@example.org", noon)

    assert len(_mails(platform)) == 3


def test_of_the_link_only_the_hash_is_stored(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    token = reset(platform, "ada", by="olga", now=noon).link.rpartition("/")[2]

    with platform.database.read() as connection:
        row = connection.execute(select(password_resets)).one()

    assert all(token not in str(value) for value in row)


def test_revoked_people_get_no_link_and_lose_an_open_one(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    token = reset(platform, "ada", by="olga", now=noon).link.rpartition("/")[2]
    revoke(platform, "ada", by="olga", now=noon)

    assert reset_person(platform, token, noon) is None
    request_reset(platform, "ada@example.org", noon)
    assert len(_mails(platform)) == 1
    with pytest.raises(InputError, match="access is revoked"):
        reset(platform, "ada", by="olga", now=noon)
    with pytest.raises(NotFoundError):
        reset(platform, "bob", by="olga", now=noon)


def test_of_two_uses_at_the_same_moment_one_wins(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    token = reset(platform, "ada", by="olga", now=noon).link.rpartition("/")[2]
    won, lost = [], []

    def use(password: str) -> None:
        try:
            finish_reset(platform, token, password, noon)
            won.append(password)
        except InputError:
            lost.append(password)

    threads = [threading.Thread(target=use, args=(f"{NEW} {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 3)
    assert authenticate(platform.database, "ada", won[0]) is not None


@pytest.mark.parametrize("is_ended", [True, False])
def test_git_tokens_and_ssh_keys_end_with_the_password_when_asked_for(
    platform: Platform, enrol: Callable[..., Person], noon: datetime, is_ended: bool
) -> None:
    person = enrol("ada")
    open_session(platform.database, person.id, noon)
    git_token, _ = issue_token(platform.database, person.id, "laptop", noon)
    add_key(platform.database, person.id, KEY, "", noon)
    token = reset(platform, "ada", by="olga", now=noon).link.rpartition("/")[2]

    done = finish_reset(platform, token, NEW, noon, end_git_tokens=is_ended, end_ssh_keys=is_ended)

    others = (1, 1) if is_ended else (0, 0)
    assert done.ended == Credentials(1, *others)
    assert done.in_force == Credentials(0, 1 - others[0], 1 - others[1])
    is_good = token_login(platform.database, "ada", git_token, noon) is not None
    assert is_good is not is_ended
    assert bool(list_keys(platform.database, person.id)) is not is_ended
