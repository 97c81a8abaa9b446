"""The user's report: a corrected reference went unnoticed, and equal code scored differently."""

from tests.integration.corrections.project import Project, push_program
from tests.integration.recovery.processes import wait_until


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
    told = project.ask("status")["data"]
    assert [change["path"] for change in told[0]["changes"]] == [
        "reference/case-01/mask.nii.gz",
        "reference/case-04/mask.nii.gz",
    ]
