"""The pages of submissions: what they say at each state, and to whom."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from blueprint.database.schema import evaluations, events, submissions


@pytest.fixture
def add(portal):
    """Return a function that stores a submission of somebody's team."""

    def store(number, state, username="ada", **values):
        person = portal.person(username)
        now = portal.hands.now
        row = {
            "id": number,
            "challenge": "brain-tissue",
            "phase": "preliminary",
            "task": "tissue",
            "team_id": person.team_id,
            "person_id": person.id,
            "commit_sha": f"{number:040x}",
            "tag": f"refs/tags/submission/{number}",
            "kind": "code",
            "manifest": {},
            "nonce": "n",
            "state": state,
            "state_since": now - timedelta(minutes=2),
            "note": "",
            "received_at": now - timedelta(minutes=3),
            "confirmed_at": now - timedelta(minutes=3),
            "receipt": {"receipt": 1, "submission": number},
        }
        event = {"submission_id": number, "at": now, "to_state": state, "note": "<b>pushed</b>"}
        with portal.platform.database.write() as connection:
            connection.execute(insert(submissions).values({**row, **values}))
            connection.execute(insert(events).values(event))

    return store


def test_before_the_first_one_the_page_says_how_to_submit(portal):
    assert "git push origin submission/1" in portal.approved().get("/portal/submissions").text


def test_the_place_in_line_counts_those_before_it(portal, add):
    browser = portal.approved()
    portal.approved("bob", "Other")
    add(1, "predicting", lease_until=portal.hands.now + timedelta(minutes=5))
    add(2, "received", "bob")
    add(3, "received")

    state = browser.get("/portal/submissions/3/state.json").json()

    assert state["queue_position"] == 2
    assert "1 before it" in state["now"]
    assert state["next"] == "its files are taken out of the repository and checked"
    assert state["since"] == "2027-06-15T11:58:00Z"
    assert not state["is_finished"]
    assert browser.get("/portal/submissions/1/state.json").json()["queue_position"] == 0


def test_a_page_that_still_changes_reloads_itself_where_there_is_no_script(portal, add):
    browser = portal.approved()
    add(1, "scoring")
    add(2, "failed", fault_class="participant", fault_code="exit-code", fault_message="It fell.")

    moving, ended = (browser.get(f"/portal/submissions/{number}").text for number in (1, 2))

    refresh = '<noscript><meta http-equiv="refresh"'
    assert refresh in moving
    assert refresh not in ended
    assert 'data-live="/portal/submissions/1/state.json"' in moving
    assert "(2 min)" in moving


def test_a_failure_names_its_class_and_its_reason(portal, add):
    browser = portal.approved()
    message = "predict.py ended with exit code 1 <script>"
    add(1, "failed", fault_class="participant", fault_code="exit-code", fault_message=message)

    page = browser.get("/portal/submissions/1").text

    assert "exit code 1 &lt;script&gt;" in page
    assert "<script>" not in page
    assert "Fault of the submission" in page
    assert "<b>pushed" not in page


def test_the_log_is_shown_where_the_phase_says_so_and_escaped(portal, add):
    browser = portal.approved()
    add(1, "published")
    add(2, "published", phase="final")
    for number in (1, 2):
        log = portal.platform.state.logs / f"{number}.log"
        log.parent.mkdir(exist_ok=True)
        log.write_bytes(b"</pre><script>alert(1)</script>\xff\n")

    own, none = (browser.get(f"/portal/submissions/{number}").text for number in (1, 2))

    assert "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;\N{REPLACEMENT CHARACTER}" in own
    assert "alert(1)" not in none  # feedback.logs of the final phase is none


def test_scores_of_a_hidden_phase_are_kept_back(portal, add):
    browser = portal.approved()
    add(1, "published")
    add(2, "scored", phase="final")
    row = {"kind": "judge", "state": "done", "kept": "1",
           "recorded_at": portal.hands.now, "run_s": 1.0, "score_s": 1.0}  # fmt: skip
    with portal.platform.database.write() as connection:
        for number in (1, 2):
            values = {
                **row,
                "submission_id": number,
                "means": [{"metric": "dice", "region": "mean", "value": 0.81234567}],
            }
            connection.execute(insert(evaluations).values(values))

    assert "0.812" in browser.get("/portal/submissions/1").text
    assert "0.812" not in browser.get("/portal/submissions/2").text


def test_the_page_says_which_evaluation_it_shows(portal, add):
    browser = portal.approved()
    add(1, "published")
    add(2, "published")
    row = {"state": "done", "recorded_at": portal.hands.now, "run_s": 1.0, "score_s": 1.0,
           "means": [{"metric": "dice", "region": "mean", "value": 0.5}]}  # fmt: skip
    with portal.platform.database.write() as connection:
        for number, kind in ((1, "judge"), (2, "rescore")):
            values = {**row, "submission_id": number, "kind": kind, "kept": str(number)}
            connection.execute(insert(evaluations).values(values))

    on = f"on {portal.hands.now:%d %B %Y, %H:%M} UTC."
    assert f"Evaluated {on}" in browser.get("/portal/submissions/1").text
    assert f"Scored again {on}" in browser.get("/portal/submissions/2").text


def test_another_teams_submission_is_as_absent_as_none(portal, add):
    portal.approved()
    add(1, "published")
    other = portal.approved("eve", "Evil")

    pages = [
        other.get(f"/portal/submissions/{path}")
        for path in ("1", "1/state.json", "1/receipt.json", "2")
    ]

    assert {page.status_code for page in pages} == {404}
    assert "None yet" in other.get("/portal/submissions").text


def test_the_receipt_can_be_downloaded(portal, add):
    browser = portal.approved()
    add(1, "published")

    answer = browser.get("/portal/submissions/1/receipt.json")

    assert answer.json() == {"receipt": 1, "submission": 1}
    assert answer.headers["content-disposition"] == 'attachment; filename="receipt-1.json"'


def test_what_git_has_not_stored_yet_has_no_receipt_and_no_place_in_line(portal, add):
    browser = portal.approved()
    add(1, "received", confirmed_at=None)  # with the receipt that earlier versions made too soon

    receipt = browser.get("/portal/submissions/1/receipt.json")
    page = browser.get("/portal/submissions/1").text

    assert receipt.status_code == 404
    assert "ubmission 1 has no receipt yet: git has not stored its tag" in receipt.text
    assert "receipt.json" not in page
    assert "it is checked; git is storing its tag" in page
    assert browser.get("/portal/submissions/1/state.json").json()["queue_position"] == 0


def test_the_list_shows_every_state_in_words(portal, add):
    browser = portal.approved()
    add(1, "received")
    words = {}
    for state in ("received", "checked", "canary", "predicting", "predicted", "scoring", "scored"):
        with portal.platform.database.write() as connection:
            connection.execute(update(submissions).values(state=state))
        (item,) = browser.get("/portal/submissions/state.json").json()["submissions"]
        words[state] = item["words"]

        assert item["words"] in browser.get("/portal/submissions").text
        assert item["now"]
        assert item["next"]

    assert len(set(words.values())) == len(words)


def test_a_long_list_comes_a_page_at_a_time(portal, add):
    browser = portal.approved()
    for number in range(1, 121):  # pages of 50, 50 and 20
        add(number, "published")

    pages = [browser.get(f"/portal/submissions?page={number}").text for number in (1, 2, 3, 4)]
    states = [
        browser.get(f"/portal/submissions/state.json?page={number}").json() for number in (1, 2, 3)
    ]

    shown = [[one["submission"] for one in state["submissions"]] for state in states]
    assert shown == [
        list(range(120, 70, -1)), list(range(70, 20, -1)), list(range(20, 0, -1)),
    ]  # fmt: skip
    assert [page.count('<tr>\n<th scope="row">') for page in pages] == [50, 50, 20, 0]
    assert ['rel="next"' in page for page in pages] == [True, True, False, False]
    assert ['rel="prev"' in page for page in pages] == [False, True, True, False]
    assert "Nothing on this page" in pages[3]
    assert 'data-live="/portal/submissions/state.json?page=2"' in pages[1]
    for odd in ("0", "-1", "x", "1e9", "99999999999999999999"):
        assert "120" in browser.get(f"/portal/submissions?page={odd}").text


def test_a_list_is_watched_while_something_on_it_moves_and_no_longer(portal, add):
    browser = portal.approved()
    add(1, "published")
    add(2, "scoring")
    before = browser.get("/portal/submissions/state.json").json()["is_finished"]
    with portal.platform.database.write() as connection:
        mine = submissions.c.id == 2
        connection.execute(update(submissions).where(mine).values(state="published"))

    after = browser.get("/portal/submissions/state.json").json()["is_finished"]

    assert (before, after) == (False, True)


def test_where_the_board_is_hidden_nothing_is_awaited_after_the_scores(portal, add):
    browser = portal.approved()
    hidden = next(
        phase.id for phase in portal.platform.challenge.phases if phase.board.visible != "live"
    )
    add(1, "scored", phase=hidden)
    add(2, "scored")

    states = [browser.get(f"/portal/submissions/{n}/state.json").json() for n in (1, 2)]

    assert [state["is_finished"] for state in states] == [True, False]
    assert '<noscript><meta http-equiv="refresh"' not in browser.get("/portal/submissions/1").text
