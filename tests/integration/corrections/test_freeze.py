"""What a deploy puts in force stays in force: files and settings, named when they are edited."""

import os
import shutil

from tests.integration.corrections.project import CASES, Project, labels_of, push_predictions

PERFECT = {case: labels_of(number) for number, case in enumerate(CASES, start=1)}


def state(project: Project) -> dict[str, object]:
    (found,) = project.ask("status")["data"]
    return dict(found)


def paths(found: dict[str, object]) -> list[str]:
    changes = found["changes"]
    assert isinstance(changes, list)
    return [change["path"] for change in changes]


def test_an_edit_that_keeps_size_and_times_is_noticed_and_named(project: Project) -> None:
    project.judged(push_predictions(project.team("ada"), PERFECT))
    assert state(project)["condition"] == "in force"
    file = project.reference("case-02")
    told, content = file.stat(), file.read_bytes()
    file.write_bytes(content[:4] + b"\1" + content[5:])  # gzip's own note of the time
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))

    found = state(project)

    assert found["condition"] == "data changed"
    assert paths(found) == ["reference/case-02/mask.nii.gz"]
    assert found["scored"] == [1]
    said = project.say("status", code=1)
    assert "reference/case-02/mask.nii.gz: changed" in said
    assert "submission 1" in said
    assert "diychallenge rescore" in said
    assert "reference/case-02/mask.nii.gz: changed" in project.say("deploy")

    file.write_bytes(content)
    assert state(project)["condition"] == "in force"


def test_swapped_references_name_each_other(project: Project) -> None:
    project.swap_references("case-01", "case-03")

    found = state(project)

    changes = found["changes"]
    assert isinstance(changes, list)
    assert [(one["path"], one["kind"], one["now_of"]) for one in changes] == [
        ("reference/case-01/mask.nii.gz", "changed", ["case-03"]),
        ("reference/case-03/mask.nii.gz", "changed", ["case-01"]),
    ]


def test_before_there_are_results_a_deploy_takes_the_files_of_now(project: Project) -> None:
    first = state(project)["digest"]
    project.swap_references("case-01", "case-03")

    assert "1 case" not in project.say("deploy")

    found = state(project)
    assert found["condition"] == "in force"
    assert found["digest"] != first
    assert project.ask("deploy")["outcome"] == "unchanged"


def test_a_missing_reference_is_named_and_nothing_fails(project: Project) -> None:
    project.judged(push_predictions(project.team("ada"), PERFECT))
    away = project.folder / "away"
    shutil.move(project.reference("case-04"), away)

    said = project.say("status", code=1)

    assert "case-04/mask.nii.gz: is missing" in said
    shutil.move(away, project.reference("case-04"))
    assert state(project)["condition"] == "in force"


def test_settings_that_results_hang_on_stay_and_nobody_leaves_the_board(project: Project) -> None:
    ada, ben = project.team("ada"), project.team("ben")
    project.judged(push_predictions(ada, PERFECT))
    project.judged(push_predictions(ben, {**PERFECT, "case-01": labels_of(2)}))
    before = project.board()
    assert set(before) == {"ada", "ben"}
    project.edit("metrics: [{id: dice}, {id: hd95, worst: diagonal}]", "metrics: [{id: dice}]")

    said = project.say("deploy")

    assert "tasks.tissue.metrics.hd95: removed (not in force: results hang on it)" in said
    assert "diychallenge rescore" in said
    assert project.board() == before
    assert state(project)["condition"] == "settings changed"
    # What is pushed now is scored as all others were.
    project.judged(push_predictions(project.team("eve"), PERFECT))
    assert project.board()["eve"]["scores"] == before["ada"]["scores"]


def test_a_phase_with_results_keeps_its_cases(project: Project) -> None:
    shutil.copytree(project.folder / "data/test", project.folder / "data/other")
    project.judged(push_predictions(project.team("ada"), PERFECT))
    project.edit("cases: {public: data/test}", "cases: {public: data/test, private: data/other}")
    project.edit("  - id: first\n    tasks: [tissue]\n",
                 "  - id: first\n    tasks: [tissue]\n    cases: private\n")  # fmt: skip

    said = project.say("deploy", code=2)

    assert "phases.first.cases: private" in said
    assert "cases: public" in said
