"""The user's report: a corrected reference went unnoticed, and equal code scored differently."""

import urllib.request

from tests.integration.corrections.project import (
    CASES,
    Project,
    labels_of,
    push_predictions,
    push_program,
)
from tests.integration.recovery.processes import wait_until

PERFECT = {case: labels_of(number) for number, case in enumerate(CASES, start=1)}
# Cases 1 and 4 swapped: grey of 24 and of 48 voxels, one within the other, white as it was, so a
# perfect answer has Dice (2 * 24 / 72 + 1) / 2 = 5/6 on both, and (5/6 + 1 + 1 + 5/6) / 4 on all.
SWAPPED_DICE = 11 / 12


def test_equal_code_never_scores_differently_in_one_phase(project: Project) -> None:
    """Two teams push the same program, one before and one after references were swapped."""
    ada, ben = project.team("ada"), project.team("ben")
    project.judged(push_program(ada))
    assert project.dice() == {"ada": 1.0}

    project.swap_references("case-01", "case-04")
    second = push_program(ben)

    wait_until(
        lambda: (
            project.state_of(second) == "published"
            or "changed" in str(project.ask_database("SELECT note FROM submissions WHERE id = 2"))
        ),
        "the second is judged, or waits with a reason",
    )
    assert project.dice() == {"ada": 1.0}, "scored against other references than the first"
    (told,) = project.ask("status")["data"]
    assert [change["path"] for change in told["changes"]] == [
        "reference/case-01/mask.nii.gz",
        "reference/case-04/mask.nii.gz",
    ]
    assert told["waiting"] == [second]

    said = project.say("rescore")
    assert "1 to score again" in said
    assert "1 of 1 scored again" in said
    assert project.dice() == {"ada": 1.0}, "the board waits for the publication"
    assert project.state_of(second) == "received"

    project.say("corrections", "publish", "--yes", "--reason", "Two references were swapped.")

    project.judged(second)
    found = project.dice()
    assert found["ada"] == found["ben"]
    assert abs(found["ada"] - SWAPPED_DICE) < 1e-12


def test_a_correction_is_reviewed_then_published_then_taken_back(project: Project) -> None:
    ada, ben = project.team("ada"), project.team("ben")
    project.judged(push_predictions(ada, PERFECT))
    project.judged(push_predictions(ben, {**PERFECT, "case-01": PERFECT["case-04"]}))
    before = project.board()
    assert [before[team]["rank"] for team in ("ada", "ben")] == [1, 2]
    receipt = project.ask_database("SELECT receipt FROM submissions WHERE id = 1")
    assert "--reason" in project.say("corrections", "publish", "--yes", code=2)
    nothing = project.say("corrections", "publish", "--yes", "--reason", "x", code=2)
    assert "no correction is under way" in nothing

    # The reference of case 1 was wrong: it is what ben submitted.
    old = project.reference("case-01").read_bytes()
    project.reference("case-01").write_bytes(project.reference("case-04").read_bytes())
    planned = project.ask("rescore", "--dry-run")["corrections"][0]
    assert [(piece["submission"], piece["need"]) for piece in planned["submissions"]] == [
        (1, "rescore"), (2, "rescore"),
    ]  # fmt: skip
    assert project.ask("corrections", "show")["under_way"] == []

    project.say("rescore", "--submission", "1")
    refused = project.say("corrections", "publish", "--yes", "--reason", "Mended.", code=2)
    assert "1 submissions are not scored again yet" in refused
    project.say("rescore")
    assert project.board() == before

    (under_way,) = project.ask("corrections", "show")["under_way"]
    teams = {team["team"]: team for team in under_way["phases"][0]["teams"]}
    assert (teams["ada"]["rank_before"], teams["ada"]["rank_after"]) == (1, 2)
    assert (teams["ben"]["rank_before"], teams["ben"]["rank_after"]) == (2, 1)
    assert {value["case"] for value in teams["ada"]["cases"]} == {"case-01"}
    shown = project.say("corrections", "show")
    assert "1 -> 2" in shown
    assert "case-01" in shown

    project.say("corrections", "publish", "--yes", "--reason", "The reference of one was wrong.")

    after = project.board()
    assert [after[team]["rank"] for team in ("ada", "ben")] == [2, 1]
    (board,) = project.ask("leaderboard", "show")["boards"]
    (note,) = board["corrections"]
    assert note["reason"] == "The reference of one was wrong."
    with urllib.request.urlopen(f"{project.url}/leaderboard.html", timeout=10) as page:
        assert "The reference of one was wrong." in page.read().decode()
    said = project.say("submissions", "show", "1")
    assert "scored again on" in said
    assert "because: The reference of one was wrong." in said
    assert project.ask_database("SELECT receipt FROM submissions WHERE id = 1") == receipt
    published = "FROM audit WHERE action = 'correction.published'"
    actor = project.ask_database(f"SELECT actor {published}")
    detail = project.ask_database(f"SELECT detail {published}")
    assert actor.startswith("cli:")
    assert "The reference of one was wrong." in detail
    assert project.ask("status")["data"][0]["condition"] == "in force"

    # The old file comes back: so do the old results, and nothing is computed.
    project.reference("case-01").write_bytes(old)
    done = project.ask_database("SELECT count(*) FROM evaluations")
    planned = project.ask("rescore")["corrections"][0]
    assert [piece["need"] for piece in planned["submissions"]] == ["done", "done"]
    project.say("corrections", "publish", "--yes", "--reason", "It was right before.")
    assert project.ask_database("SELECT count(*) FROM evaluations") == done
    assert project.board() == before


def test_other_metrics_and_another_ranking_go_the_same_way(project: Project) -> None:
    ada, ben = project.team("ada"), project.team("ben")
    project.judged(push_predictions(ada, PERFECT))
    project.judged(push_predictions(ben, {**PERFECT, "case-01": PERFECT["case-02"]}))
    before = project.board()
    project.edit("metrics: [{id: dice}, {id: hd95, worst: diagonal}]", "metrics: [{id: iou}]")
    project.edit("    metrics:", "    ranking: mean-of-ranks\n    metrics:")
    project.say("deploy")
    assert project.board() == before

    project.say("rescore")
    assert project.board() == before
    project.say("corrections", "publish", "--yes", "--reason", "Only the overlap counts.")

    found = project.board()
    assert {team: row["rank"] for team, row in found.items()} == {"ada": 1, "ben": 2}
    assert [score["metric"] for score in found["ada"]["scores"]] == ["iou"]
    # ben on case 1: grey 24 of 32 voxels, white as it was; on all four cases.
    assert abs(found["ben"]["scores"][0]["mean"] - ((24 / 32 + 1) / 2 + 3) / 4) < 1e-12
    (board,) = project.ask("leaderboard", "show")["boards"]
    assert board["ranking"]["name"] == "mean-of-ranks"


def test_an_abandoned_correction_leaves_the_board_and_says_what_is_held(project: Project) -> None:
    project.judged(push_predictions(project.team("ada"), PERFECT))
    before = project.board()
    project.swap_references("case-01", "case-02")
    project.say("rescore")

    assert "the leaderboard is as it was" in project.say("corrections", "abandon", "--yes")

    assert project.board() == before
    assert project.ask("status")["data"][0]["condition"] == "data changed"
    project.swap_references("case-01", "case-02")
    assert project.ask("status")["data"][0]["condition"] == "in force"
    assert "nothing to do" in project.say("rescore")
