"""The organizer's commands on a deployment that is not running: the database is enough."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blueprint.clock import system_clock
from blueprint.deploy.embedded import ready
from blueprint.ledger import leases, moves, reservations
from blueprint.ledger.states import State
from blueprint.people.agreements import accept
from blueprint.people.git_tokens import issue_token
from blueprint.people.person import Person, person_by_id
from blueprint.people.registration import Registration, request_registration
from blueprint.platform import Platform, open_platform
from cli.main import run
from tests.people import register


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Desk:
    """The organizer's place: a prepared deployment and a terminal."""

    platform: Platform
    file: Path
    capsys: pytest.CaptureFixture[str]

    def type(self, *words: object) -> Ran:
        self.capsys.readouterr()
        code = run([*(str(word) for word in words), "--file", str(self.file)])
        captured = self.capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def ask(self, *words: object) -> dict[str, Any]:
        ran = self.type(*words, "--json")
        assert ran.code == 0, ran.err
        document: dict[str, Any] = json.loads(ran.out)
        return document


@pytest.fixture
def desk(tmp_path, free_port, capsys):
    ports = ("--http-port", str(free_port()), "--sftp-port", str(free_port()))
    assert run(["init", str(tmp_path / "brain"), "--yes", *ports]) == 0
    file = tmp_path / "brain" / "challenge.yaml"
    platform = open_platform(ready(file))
    yield Desk(platform, file, capsys)
    platform.database.close()


def join(platform: Platform, username: str, team: str, *, accepts: bool = True) -> Person:
    """Register somebody as the portal's form does."""
    now = platform.clock()
    questions = platform.challenge.people.questions
    form = Registration(
        username=username,
        email=f"{username}@example.org",
        name=f"{username.capitalize()} Example",
        password="a quiet lake in autumn",
        team_name=team,
        answers={question.id: "somewhere" for question in questions},
    )
    person = register(platform, form, now)
    if accepts:
        for agreement in platform.challenge.people.agreements:
            accept(platform, person.id, agreement.id, now)
    return person_by_id(platform.database, person.id) or person


def submit(platform: Platform, person: Person) -> int:
    """Write an accepted push down, as intake does."""
    push = reservations.Push(
        challenge=platform.challenge.challenge.id,
        phase="preliminary",
        task="tissue",
        team_id=person.team_id or 0,
        person_id=person.id,
        username=person.username,
        commit_sha="a" * 40,
        tag="refs/tags/submission/1",
        kind="code",
        manifest={"run": ["python", "predict.py"]},
    )
    now = platform.clock()
    (platform.state.git / f"{person.team_slug}.git").mkdir(parents=True, exist_ok=True)
    with platform.database.write() as connection:
        made = reservations.reserve(connection, push, now)
        reservations.confirm(connection, made, push.tag, lambda one: {"submission": one.id}, now)
    return made.id


def score(platform: Platform, number: int) -> None:
    """Record a result for the only submission that waits."""
    now = platform.clock()
    lease = leases.acquire(platform.database, "test-1", now)
    assert lease is not None
    assert lease.submission_id == number
    states: tuple[State, ...] = ("checked", "predicting", "predicted", "scoring")
    for state in states:
        moves.advance(platform.database, lease, state, now)
    rows = [moves.ScoreRow("public-01", "dice", "mean", 0.75, "ok"),
            moves.ScoreRow("public-01", "hd95", "mean", 3.5, "missing")]  # fmt: skip
    means = [moves.Mean("dice", "mean", 0.75), moves.Mean("hd95", "mean", 3.5)]
    result = moves.Result(1.5, 0.25, rows, means)
    moves.record_result(platform.database, lease, result, now)


def test_people_are_listed_approved_revoked(desk):
    anna = join(desk.platform, "anna", "Threshold Lab")
    join(desk.platform, "ben", "Cluster Collective")
    join(desk.platform, "chidi", "Gardeners", accepts=False)

    listed = desk.ask("people", "list")["people"]
    assert [(p["username"], p["status"]) for p in listed] == [
        ("anna", "waiting"), ("ben", "waiting"), ("chidi", "registered"),
    ]  # fmt: skip

    approved = desk.type("people", "approve", "anna", "ben@example.org")
    assert approved.code == 0
    assert approved.out.splitlines() == [
        "approved: anna, Anna Example (team threshold-lab)",
        "approved: ben, Ben Example (team cluster-collective)",
    ]

    early = desk.type("people", "approve", "chidi")
    assert early.code == 2
    assert "data-use" in early.err

    issue_token(desk.platform.database, anna.id, "laptop", system_clock())
    revoked = desk.type("people", "revoke", "anna", "--reason", "left the lab")
    assert revoked.code == 0
    assert "1 git tokens" in revoked.out
    assert "anna" in desk.type("people", "list", "--status", "revoked").out
    shown = desk.ask("people", "show", "anna")
    assert shown["person"]["status"] == "revoked"
    assert shown["git_tokens"] == []
    assert "password" not in json.dumps(shown)


def request(platform: Platform, username: str) -> None:
    """Fill in the form, and leave the mail unopened."""
    questions = platform.challenge.people.questions
    form = Registration(
        username=username,
        email=f"{username}@example.org",
        name=username,
        password="a quiet lake in autumn",
        team_name=f"team {username}",
        answers={question.id: "somewhere" for question in questions},
    )
    request_registration(platform, form, platform.clock())


def test_who_has_not_opened_the_mailed_link_is_listed_and_not_approved(desk):
    request(desk.platform, "dora")

    listed = desk.type("people", "list", "--status", "unconfirmed").out
    refused = desk.type("people", "approve", "dora")
    vouched = desk.type("people", "verify", "dora")

    assert re.search(r"dora .* no +team-dora +unconfirmed", listed)
    assert refused.code == 2
    assert "people verify dora" in refused.err
    assert vouched.out == "verified: dora, dora@example.org (status: registered)\n"
    assert desk.ask("people", "list")["unconfirmed"] == []


def test_a_revocation_names_the_team_and_what_becomes_of_it(desk):
    join(desk.platform, "anna", "Threshold Lab")
    desk.type("people", "approve", "anna")

    out = desk.type("people", "revoke", "anna").out

    assert "team threshold-lab: nobody else approved; its submissions stay" in out
    assert "diychallenge teams standing threshold-lab withdrawn" in out


def test_a_team_is_taken_off_the_board_with_a_reason_and_put_back(desk):
    anna = join(desk.platform, "anna", "Threshold Lab")
    desk.type("people", "approve", "anna")
    score(desk.platform, submit(desk.platform, anna))
    say = ("teams", "standing", "threshold-lab")

    unasked = desk.type(*say, "withdrawn", "--reason", "asked to leave")
    assert unasked.code == 2
    assert "not changed: threshold-lab (Threshold Lab) becomes withdrawn" in unasked.err
    assert "--yes" in unasked.err
    assert desk.type(*say, "withdrawn", "--yes").code == 2  # no reason
    asleep = desk.type(*say, "asleep", "--reason", "x")
    assert "one of competing, baseline, organizer, withdrawn, disqualified" in asleep.err

    assert desk.type(*say, "withdrawn", "--reason", "asked to leave", "--yes").code == 0
    assert desk.ask("leaderboard", "show")["boards"][0]["rows"] == []
    shown = desk.ask("teams", "show", "threshold-lab")
    assert (shown["team"]["standing"], shown["team"]["standing_reason"]) == (
        "withdrawn", "asked to leave",
    )  # fmt: skip
    assert [one["state"] for one in shown["submissions"]] == ["scored"]
    assert "threshold-lab" in desk.type("teams", "list", "--standing", "withdrawn").out

    assert desk.type(*say, "baseline", "--reason", "the organizers' reference").code == 0
    (row,) = desk.ask("leaderboard", "show")["boards"][0]["rows"]
    assert (row["rank"], row["standing"]) == (None, "baseline")
    assert "Threshold Lab (baseline)" in desk.type("leaderboard", "show").out

    assert desk.type(*say, "competing", "--reason", "came back").code == 0
    (row,) = desk.ask("leaderboard", "show")["boards"][0]["rows"]
    assert (row["rank"], row["standing"]) == (1, "competing")


def test_a_team_is_renamed_and_its_code_renewed(desk):
    join(desk.platform, "anna", "Threshold Lab")

    renamed = desk.type("teams", "rename", "threshold-lab", "Otsu Lab")
    rotated = [desk.ask("teams", "rotate-code", "threshold-lab")["code"] for _ in range(2)]

    assert renamed.out == "renamed: threshold-lab is now Otsu Lab; the board shows it\n"
    assert desk.ask("teams", "list")["teams"][0]["name"] == "Otsu Lab"
    assert rotated[0] != rotated[1]
    assert all(code.startswith("threshold-lab.") for code in rotated)
    for words in (("show", "x"), ("rename", "x", "Y z"), ("rotate-code", "x")):
        ran = desk.type("teams", *words)
        assert ran.code == 2
        assert "`diychallenge teams list`" in ran.err


def test_a_role_is_given_and_taken_and_each_is_recorded(desk):
    join(desk.platform, "anna", "Threshold Lab")

    assert desk.type("people", "role", "anna", "organizer").out == "anna: organizer\n"
    assert desk.ask("people", "show", "anna")["roles"] == ["organizer"]
    assert desk.type("people", "role", "anna", "organizer", "--remove").out == "anna: no role\n"
    wrong = desk.type("people", "role", "anna", "king")
    assert wrong.code == 2
    assert "one of organizer, provider" in wrong.err


def test_an_unknown_person_or_status_is_the_callers_fault(desk):
    for words in (("show", "nobody"), ("approve", "nobody"), ("list", "--status", "asleep")):
        ran = desk.type("people", *words)
        assert ran.code == 2
        assert "hint: " in ran.err


def test_a_reset_writes_a_mail_and_does_not_print_the_link(desk):
    join(desk.platform, "anna", "Threshold Lab")

    ran = desk.type("people", "reset", "anna")

    (mail,) = desk.platform.state.outbox.glob("*.eml")
    assert ran.code == 0
    assert str(mail) in ran.out
    assert "/portal/reset/" not in ran.out
    assert "/portal/reset/" in mail.read_text()


def test_a_submission_says_what_happens_since_when_and_what_is_next(desk):
    number = submit(desk.platform, join(desk.platform, "anna", "Threshold Lab"))

    waiting = desk.type("submissions", "show", number)
    assert "it is the next in the queue" in waiting.out
    assert "its files are taken out of the repository and checked" in waiting.out
    listed = desk.type("submissions", "list")
    assert "threshold-lab" in listed.out
    assert "received" in listed.out
    assert desk.type("submissions", "logs", number).out == "submission 1 (received) has no log\n"


def test_a_scored_submission_shows_its_scores_and_scripts_get_no_secrets(desk):
    number = submit(desk.platform, join(desk.platform, "anna", "Threshold Lab"))
    score(desk.platform, number)

    shown = desk.type("submissions", "show", number).out
    assert "dice 0.75, hd95 3.5" in shown
    assert "3.5 (missing)" in shown
    document = desk.ask("submissions", "show", number)
    assert document["result"]["means"] == [
        {"metric": "dice", "region": "mean", "value": 0.75},
        {"metric": "hd95", "region": "mean", "value": 3.5},
    ]
    assert {"nonce", "token", "worker"}.isdisjoint(document["submission"])
    assert desk.type("submissions", "cancel", number).code == 1


def test_a_waiting_submission_is_cancelled_at_once(desk):
    number = submit(desk.platform, join(desk.platform, "anna", "Threshold Lab"))

    assert desk.ask("submissions", "cancel", number)["outcome"] == "cancelled"
    assert desk.ask("submissions", "list", "--state", "cancelled")["submissions"][0]["id"] == number
    assert desk.type("submissions", "show", 99).code == 2


def test_a_list_that_is_cut_says_so(desk):
    for username, team in (("anna", "Threshold Lab"), ("ben", "Other Lab")):
        submit(desk.platform, join(desk.platform, username, team))

    cut = desk.type("submissions", "list", "--limit", 1).out
    assert "there are older ones: `--limit 10` shows more" in cut
    assert desk.ask("submissions", "list", "--limit", 1)["has_older"]
    assert "older" not in desk.type("submissions", "list", "--limit", 2).out


def test_a_log_cannot_command_the_organizers_terminal(desk):
    number = submit(desk.platform, join(desk.platform, "anna", "Threshold Lab"))
    desk.platform.state.logs.mkdir()
    (desk.platform.state.logs / f"{number}.log").write_bytes(b"ok\n\x1b]0;owned\x07\xff\n")

    out = desk.type("submissions", "logs", number).out
    assert "\x1b" not in out
    assert "\\x1b]0;owned\\x07" in out


def test_the_leaderboard_is_published_and_shown(desk):
    assert desk.type("leaderboard", "show").code == 2
    number = submit(desk.platform, join(desk.platform, "anna", "Threshold Lab"))
    score(desk.platform, number)

    assert desk.type("leaderboard", "publish").code == 0
    shown = desk.type("leaderboard", "show").out
    assert "preliminary (open, public cases)" in shown
    assert "Threshold Lab" in shown
    assert desk.ask("leaderboard", "show")["boards"][0]["rows"][0]["team"] == "threshold-lab"
    assert desk.ask("submissions", "list")["submissions"][0]["state"] == "published"


def test_a_hidden_phase_is_previewed_then_published_by_its_name(desk):
    text = desk.file.read_text()
    desk.file.write_text(text.replace("visible: live ", "visible: hidden ", 1))
    ready(desk.file)
    number = submit(desk.platform, join(desk.platform, "anna", "Threshold Lab"))
    score(desk.platform, number)

    kept = desk.type("leaderboard", "publish")
    assert "kept back: preliminary (hidden); --phase preliminary publishes it" in kept.out
    # Nothing is called published that nobody can see.
    assert desk.ask("submissions", "list")["submissions"][0]["state"] == "scored"
    assert "Threshold Lab" not in desk.type("leaderboard", "show").out
    assert "Threshold Lab" in desk.type("leaderboard", "preview").out

    unasked = desk.type("leaderboard", "publish", "--phase", "preliminary")
    assert unasked.code == 2
    assert "not published: This shows the results of preliminary" in unasked.err
    assert desk.ask("submissions", "list")["submissions"][0]["state"] == "scored"

    assert desk.type("leaderboard", "publish", "--phase", "preliminary", "--yes").code == 0
    assert "Threshold Lab" in desk.type("leaderboard", "show").out
    assert desk.ask("submissions", "list")["submissions"][0]["state"] == "published"
    assert desk.ask("status")["phases"][0]["visible"].startswith("published by cli:")
    again = desk.type("leaderboard", "publish", "--phase", "preliminary", "--yes")
    assert again.code == 1
    assert "is shown already: published by cli:" in again.err


def test_a_leaderboard_of_another_version_is_not_shown_but_made_again(desk):
    assert desk.type("leaderboard", "publish").code == 0
    (desk.platform.state.site / "leaderboard.json").write_text('{"leaderboard": 1, "boards": []}')

    shown = desk.type("leaderboard", "show")

    assert shown.code == 2
    assert "was made by another version of diychallenge" in shown.err
    assert "`diychallenge leaderboard publish` makes it again" in shown.err


def test_a_release_is_as_signed_until_a_byte_changes(desk):
    listed = {one["id"]: one["status"] for one in desk.ask("releases", "list")["releases"]}
    assert listed == {"training": "open", "public-test": "open"}
    assert desk.type("releases", "verify").code == 0

    image = next((desk.file.parent / "data" / "training").rglob("t1.nii.gz"))
    data = bytearray(image.read_bytes())
    data[-1] ^= 1
    image.write_bytes(data)
    changed = desk.type("releases", "verify", "training")
    assert changed.code == 1
    assert "differs from the manifest" in changed.out
    assert desk.type("releases", "verify", "public-test").code == 0
    assert desk.type("releases", "verify", "nothing").code == 2


def test_a_phase_with_submissions_cannot_be_dropped(desk):
    submit(desk.platform, join(desk.platform, "anna", "Threshold Lab"))
    text = desk.file.read_text().replace("- id: preliminary", "- id: warm-up")
    desk.file.write_text(text.replace("after: preliminary", "after: warm-up"))

    refused = desk.type("deploy")
    assert refused.code == 2
    assert "people have submitted to preliminary (task tissue)" in refused.err
