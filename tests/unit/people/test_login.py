"""Logging in, sessions, and slowing down those who guess."""

import threading
import time
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from blueprint.database.schema import passwords as password_table
from blueprint.database.schema import sessions
from blueprint.people import passwords
from blueprint.people.approval import revoke
from blueprint.people.password_identity import authenticate
from blueprint.people.passwords import hash_password, is_password
from blueprint.people.person import Person
from blueprint.people.sessions import LIFETIME, close_session, open_session, session_of
from blueprint.people.throttle import LoginThrottle, Throttle
from blueprint.platform import Platform

PASSWORD = "correct horse battery"


def test_only_the_right_password_logs_in(platform: Platform, enrol: Callable[..., Person]) -> None:
    person = enrol("ada")

    assert authenticate(platform.database, " Ada ", PASSWORD) == person
    assert authenticate(platform.database, "ada@example.org", PASSWORD) == person
    for login, password in [
        ("ada", PASSWORD + " "), ("ada", ""), ("bob", PASSWORD), ("", PASSWORD), ("ada", "\ud800"),
    ]:  # fmt: skip
        assert authenticate(platform.database, login, password) is None


def test_the_password_is_stored_as_argon2id(
    platform: Platform, enrol: Callable[..., Person]
) -> None:
    enrol("ada")

    with platform.database.read() as connection:
        stored = connection.execute(select(password_table.c.password_hash)).scalar_one()

    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_an_unknown_account_takes_the_work_of_a_known_one(
    platform: Platform, enrol: Callable[..., Person]
) -> None:
    enrol("ada")
    authenticate(platform.database, "nobody-here", "warm up")

    def best_s(login: str) -> float:
        took = []
        for _ in range(5):
            began_s = time.thread_time()
            authenticate(platform.database, login, "a wrong password")
            took.append(time.thread_time() - began_s)
        return min(took)

    known_s, unknown_s = best_s("ada"), best_s("nobody-here")

    # Time of this thread on the processor, so that other load does not count. Without the decoy
    # the unknown one takes less than a twentieth: a hash is some 20 ms.
    assert unknown_s > known_s / 3


def test_a_password_typed_with_composed_letters_is_the_same() -> None:
    assert is_password(
        hash_password("pässwörter sind schön"), "pa\u0308sswo\u0308rter sind scho\u0308n"
    )


def test_an_outdated_hash_is_renewed_at_login(
    platform: Platform, enrol: Callable[..., Person]
) -> None:
    person = enrol("ada")
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    with platform.database.write() as connection:
        connection.execute(update(password_table).values(password_hash=weak))

    assert authenticate(platform.database, "ada", PASSWORD) == person

    with platform.database.read() as connection:
        assert connection.execute(select(password_table.c.password_hash)).scalar_one() != weak
    assert authenticate(platform.database, "ada", PASSWORD) == person


def test_a_revoked_person_does_not_log_in(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    revoke(platform, "ada", by="olga", now=noon)

    assert authenticate(platform.database, "ada", PASSWORD) is None


def test_a_session_lasts_until_it_is_closed_or_too_old(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    token, opened = open_session(platform.database, person.id, noon)
    other, _ = open_session(platform.database, person.id, noon)

    assert session_of(platform.database, token, noon) == opened
    assert opened.person == person
    assert session_of(platform.database, token, noon + LIFETIME) is None
    close_session(platform.database, token)
    assert session_of(platform.database, token, noon) is None
    assert session_of(platform.database, other, noon) is not None
    assert session_of(platform.database, "", noon) is None


def test_of_a_session_only_the_hash_is_stored(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    token, opened = open_session(platform.database, enrol("ada").id, noon)

    with platform.database.read() as connection:
        row = connection.execute(select(sessions)).one()

    assert len(token) == 43
    assert opened.csrf != token
    assert token not in tuple(row)


def test_old_sessions_are_forgotten(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    open_session(platform.database, person.id, noon)
    open_session(platform.database, person.id, noon + LIFETIME + timedelta(seconds=1))

    with platform.database.read() as connection:
        assert len(connection.execute(select(sessions)).all()) == 1


def fail(throttle: LoginThrottle, login: str, address: str, now: datetime, times: int) -> None:
    for _ in range(times):
        assert throttle.attempt(login, address, now).wait_s == 0


def test_guessing_is_slowed_down_for_the_guesser_alone(noon: datetime) -> None:
    throttle = LoginThrottle()
    fail(throttle, "Ada ", "192.0.2.1", noon, times=5)

    assert throttle.attempt("ada", "192.0.2.1", noon).wait_s == 15
    assert throttle.attempt("ada", "192.0.2.2", noon).wait_s == 0
    assert throttle.attempt("bob", "192.0.2.1", noon).wait_s == 0
    assert throttle.attempt("ada", "192.0.2.1", noon + timedelta(seconds=15)).wait_s == 0


def test_each_further_failure_doubles_the_wait_up_to_fifteen_minutes(noon: datetime) -> None:
    throttle, now, waits = LoginThrottle(), noon, []
    fail(throttle, "ada", "192.0.2.1", now, times=5)
    for _ in range(9):
        wait_s = throttle.attempt("ada", "192.0.2.1", now).wait_s
        waits.append(wait_s)
        now += timedelta(seconds=wait_s)
        fail(throttle, "ada", "192.0.2.1", now, times=1)

    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    # Failures are forgotten an hour after the last.
    fail(throttle, "ada", "192.0.2.1", now + timedelta(hours=1), times=5)


def test_neither_an_address_nor_an_account_is_shut_out_by_others(noon: datetime) -> None:
    throttle = LoginThrottle()
    for number in range(200):
        fail(throttle, f"user-{number}", "192.0.2.1", noon, times=5)
        fail(throttle, "ada", f"198.51.100.{number}", noon, times=5)

    assert throttle.attempt("somebody", "192.0.2.1", noon).wait_s == 0
    assert throttle.attempt("ada", "203.0.113.1", noon).wait_s == 0


def test_after_thirty_failures_an_address_is_suspect_and_others_are_not(noon: datetime) -> None:
    throttle = LoginThrottle()
    for number in range(30):
        assert not throttle.attempt(f"user-{number}", "192.0.2.1", noon).is_suspect

    assert throttle.attempt("somebody", "192.0.2.1", noon).is_suspect
    assert not throttle.attempt("somebody", "192.0.2.2", noon).is_suspect
    assert not throttle.attempt("x", "192.0.2.1", noon + timedelta(minutes=15)).is_suspect


def test_the_addresses_of_one_ipv6_network_count_as_one(noon: datetime) -> None:
    throttle = LoginThrottle()
    for number in range(5):
        fail(throttle, "ada", f"2001:db8::{number:x}", noon, times=1)

    assert throttle.attempt("ada", "2001:db8::ffff:1", noon).wait_s == 15
    assert throttle.attempt("ada", "2001:db8:0:1::1", noon).wait_s == 0


def test_guesses_of_a_suspect_address_do_not_keep_others_waiting(
    platform: Platform, enrol: Callable[..., Person]
) -> None:
    enrol("ada")
    answered: list[Person | None] = []
    with passwords._narrow_gate:  # as if one suspect comparison took for ever
        flood = threading.Thread(
            target=lambda: answered.append(
                authenticate(platform.database, "ada", "guess", is_suspect=True)
            )
        )
        flood.start()
        assert authenticate(platform.database, "ada", PASSWORD) is not None
        assert answered == []
    flood.join()
    assert answered == [None]


def test_a_login_forgives_the_failures_before(noon: datetime) -> None:
    throttle = LoginThrottle()
    fail(throttle, "ada", "192.0.2.1", noon, times=5)
    throttle.succeeded("ada", "192.0.2.1", noon)

    fail(throttle, "ada", "192.0.2.1", noon, times=5)


def test_the_throttle_keeps_a_bounded_number_of_keys(noon: datetime) -> None:
    throttle = Throttle(1, timedelta(minutes=1))
    for number in range(10_001):
        throttle.note(str(number), noon)

    assert throttle.wait_s("0", noon) == 0
    assert throttle.wait_s("10000", noon) == 60


def test_of_many_attempts_at_the_same_moment_only_five_are_looked_at(noon: datetime) -> None:
    throttle, together, waits = LoginThrottle(), threading.Barrier(20), []

    def attempt() -> None:
        together.wait()
        waits.append(throttle.attempt("ada", "192.0.2.1", noon).wait_s)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert waits.count(0) == 5


def test_a_clock_that_was_ahead_keeps_nobody_out(noon: datetime) -> None:
    throttle, forms = LoginThrottle(), Throttle(2, timedelta(minutes=15))
    ahead = noon + timedelta(days=1)
    throttle.attempt("ada", "192.0.2.1", ahead)
    for _ in range(5):
        throttle.attempt("bob", "192.0.2.1", ahead)
    for _ in range(2):
        forms.take("192.0.2.1", ahead)

    assert throttle.attempt("ada", "192.0.2.1", noon).wait_s == 0
    assert throttle.attempt("bob", "192.0.2.1", noon).wait_s == 15
    assert throttle.attempt("bob", "192.0.2.1", noon + timedelta(seconds=15)).wait_s == 0
    assert forms.take("192.0.2.1", noon) == 15 * 60
    assert forms.take("192.0.2.1", noon + timedelta(minutes=15)) == 0


def test_of_two_logins_at_once_the_one_that_was_clocked_first_may_come_second(
    noon: datetime,
) -> None:
    throttle = LoginThrottle()
    throttle.attempt("ada", "192.0.2.1", noon + timedelta(milliseconds=3))

    assert throttle.attempt("ada", "192.0.2.1", noon).wait_s == 0


def test_logins_that_succeed_do_not_make_their_address_suspect(noon: datetime) -> None:
    throttle = LoginThrottle()
    for number in range(60):
        assert throttle.attempt(f"user-{number}", "192.0.2.1", noon).wait_s == 0
        throttle.succeeded(f"user-{number}", "192.0.2.1", noon)

    assert not throttle.attempt("ada", "192.0.2.1", noon).is_suspect


def test_a_password_of_sixty_thousand_signs_is_answered_at_once(
    platform: Platform, enrol: Callable[..., Person]
) -> None:
    enrol("ada")
    # Composing this takes time that grows with its square: about two seconds.
    heavy = "a" + "\u0323\u0301" * 30_000
    began_s = time.thread_time()
    unicodedata.normalize("NFKC", heavy)
    composing_s = time.thread_time() - began_s

    began_s = time.thread_time()
    assert authenticate(platform.database, "ada", heavy) is None
    assert time.thread_time() - began_s < composing_s / 2


@pytest.mark.parametrize("clients", [8])
def test_logins_at_the_same_moment_all_get_their_answer(
    platform: Platform, enrol: Callable[..., Person], clients: int
) -> None:
    person = enrol("ada")
    answers = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(authenticate(platform.database, "ada", PASSWORD))
        )
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [person] * clients
