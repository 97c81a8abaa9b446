"""A board is shown when the file says so, or from the moment when an organizer publishes it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from blueprint.config.schedule import phase_status
from blueprint.database.schema import audit
from blueprint.errors import ConflictError, NotFoundError
from blueprint.ledger.submissions import get
from blueprint.publish.board import Board
from blueprint.publish.places import place_of
from blueprint.publish.site import build_site, read_boards, render_preview
from blueprint.publish.visibility import Visibility, publish_phase, read_visibilities

SCORES = {"dice": [0.75] * 8, "hd95": [4.5] * 8}
OPENS = datetime(2027, 7, 1, 9, 30, tzinfo=UTC)


def boards_at(stage: Any, now: datetime) -> tuple[Board, ...]:
    statuses = {p.id: phase_status(p, now) for p in stage.platform.challenge.phases}
    return read_boards(stage.platform, statuses, now)


def publish(stage: Any) -> Visibility:
    platform = stage.platform
    return publish_phase(
        platform.database, platform.challenge, "preliminary", by="cli:anna", now=stage.now
    )


def test_a_board_opens_by_itself_at_its_moment_and_not_before(make_stage):
    stage = make_stage(phase={"board": {"visible": {"from": "2027-07-01 09:30 UTC"}}})
    stage.score("alpha", SCORES, state="scored")

    before = boards_at(stage, OPENS - timedelta(seconds=1))[0]
    after = boards_at(stage, OPENS)[0]

    assert (before.visible, before.standings) == (False, ())
    assert after.visible
    assert [row.team for row in after.standings] == ["alpha"]


def test_a_publication_shows_a_hidden_board_and_says_who_and_when(make_stage):
    stage = make_stage(phase={"board": {"visible": "hidden"}})
    stage.score("alpha", SCORES, state="scored")
    assert boards_at(stage, stage.now)[0].standings == ()

    publish(stage)

    shown = read_visibilities(stage.platform, stage.now)["preliminary"]
    assert shown.words == "published by cli:anna at 2027-06-15T12:00:00Z"
    assert [row.team for row in boards_at(stage, stage.now)[0].standings] == ["alpha"]
    with stage.platform.database.read() as connection:
        row = connection.execute(select(audit)).mappings().one()
    assert (row["actor"], row["action"], row["subject"]) == (
        "cli:anna", "leaderboard.published", "preliminary",
    )  # fmt: skip


def test_the_page_says_when_it_was_published_but_not_by_whom(make_stage):
    stage = make_stage(phase={"board": {"visible": "hidden"}})
    stage.score("alpha", SCORES, state="scored")
    publish(stage)

    page = (build_site(stage.platform, stage.now) / "leaderboard.html").read_text()

    assert "The organizers published these results on 15 June 2027, 12:00 UTC." in page
    assert "anna" not in page


def test_what_is_shown_cannot_be_published_and_an_unknown_phase_neither(make_stage):
    live = make_stage()
    with pytest.raises(ConflictError, match="shown already: live"):
        publish(live)

    platform = live.platform
    with pytest.raises(NotFoundError) as unknown:
        publish_phase(platform.database, platform.challenge, "finale", by="x", now=live.now)
    assert "preliminary" in str(unknown.value.hint)


def test_a_preview_has_the_hidden_board_and_publishes_nothing(make_stage):
    stage = make_stage(phase={"board": {"visible": "hidden"}})
    stage.score("alpha", SCORES, state="scored", name="Team Alpha")

    page = render_preview(stage.platform, stage.now)["leaderboard.html"].decode()

    assert "Team Alpha" in page
    assert '<span class="tag upcoming">hidden</span>' in page
    assert "nothing of it is published" in page
    assert not stage.platform.state.site.exists()
    assert get(stage.platform.database, 1).state == "scored"


def test_a_submission_is_told_where_it_stands(make_stage):
    stage = make_stage()
    worse = stage.score("alpha", {"dice": [0.5] * 8, "hd95": [9.0] * 8})
    better = stage.score("alpha", SCORES)
    other = stage.score("beta", {"dice": [0.9] * 8, "hd95": [1.0] * 8})
    build_site(stage.platform, stage.now)

    def told(number: int) -> str:
        return place_of(stage.platform, get(stage.platform.database, number), stage.now)

    # With 8 cases, each of which says the same, the order of both teams is certain.
    assert told(other) == (
        "It stands on the board for your team: rank 1 of 2 teams (95 % rank set 1 to 1)."
    )
    assert told(better) == (
        "It stands on the board for your team: rank 2 of 2 teams (95 % rank set 2 to 2)."
    )
    assert told(worse) == (
        f"Your team stands on the board with submission {better}: rank 2 of 2 teams"
        " (95 % rank set 2 to 2)."
    )


def test_a_submission_of_a_hidden_phase_is_told_until_when_it_waits(make_stage):
    stage = make_stage(phase={"board": {"visible": {"from": "2027-07-01 09:30 UTC"}}})
    number = stage.score("alpha", SCORES, state="scored")
    build_site(stage.platform, stage.now)

    said = place_of(stage.platform, get(stage.platform.database, number), stage.now)

    assert said == "The results of this phase are kept back until 1 July 2027, 09:30 UTC."
