"""The platform keeps what it took: it ends in order, starts again, and finishes."""

import json
import signal
import time
from pathlib import Path

import httpx

from blueprint.ledger.history import attempts_of, events_of
from blueprint.ledger.submissions import get
from blueprint.people.person import find_person
from blueprint.people.sessions import open_session
from tests.integration.serve.served import Served, push_submission, serving, wait_until


def test_sigterm_ends_it_in_good_order_and_keeps_what_was_running(tmp_path: Path) -> None:
    folder = tmp_path / "challenge"
    folder.mkdir()
    with serving(folder) as served:
        number = push_submission(tmp_path / "work", served.participant("tom", "Terminated"))
        with served.platform() as platform:
            wait_until(lambda: get(platform.database, number).state in ("canary", "predicting"))
            begun = time.monotonic()
            code = served.end(signal.SIGTERM)
            took_s = time.monotonic() - begun
            left = get(platform.database, number)

    assert code == 0
    assert took_s < 30  # three times what it gives to those who are being answered
    assert left.state == "received"
    assert left.lease_until is None
    assert not served.state.pid.exists()
    assert not served.state.socket.exists()
    assert "Traceback" not in (served.folder / "serve.log").read_text()


def test_after_kill_9_a_new_start_finishes_what_was_running(served: Served, tmp_path: Path) -> None:
    number = push_submission(tmp_path / "work", served.participant("kai", "Killed"))
    with served.platform() as platform:
        wait_until(
            lambda: get(platform.database, number).state in ("canary", "predicting"),
        )
        served.end(signal.SIGKILL)
        left = list(served.state.runs.iterdir())
        served.start()
        wait_until(lambda: get(platform.database, number).state in ("published", "failed"))
        attempts = attempts_of(platform.database, number)
        states = [event.to_state for event in events_of(platform.database, number)]

    assert left, "the test should have killed it in the middle"
    assert [attempt.outcome for attempt in attempts] == ["lost", "scored"]
    assert states.count("scored") == 1
    assert states[-1] == "published"
    assert not list(served.state.runs.iterdir())
    board = httpx.get(f"{served.url}/leaderboard.json", trust_env=False).json()
    assert "Killed" in json.dumps(board)


def test_the_participant_sees_the_submission_through_to_the_end(
    served: Served, tmp_path: Path
) -> None:
    number = push_submission(tmp_path / "work", served.participant("sue", "Seen"))
    with served.platform() as platform:
        person = find_person(platform.database, "sue")
        assert person is not None
        token, _ = open_session(platform.database, person.id, platform.clock())
    seen = set()
    with httpx.Client(
        base_url=served.url, cookies={"brain-tissue-session": token}, trust_env=False
    ) as browser:

        def is_over() -> bool:
            state = browser.get(f"/portal/submissions/{number}/state.json").json()
            seen.add(state["state"])
            assert state["next"]
            assert state["since"]
            return bool(state["is_finished"])

        wait_until(is_over)
        page = browser.get(f"/portal/submissions/{number}").text

    assert "predicting" in seen
    assert "published" in seen
    assert "Published" in page
    assert "Dice" in page
