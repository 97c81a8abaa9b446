"""A push meets the real hook: what is accepted, what is answered, what is remembered."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from blueprint import audit
from blueprint.adapters import git
from blueprint.intake.receipts import parse_receipt, verify_receipt
from blueprint.ledger.leases import acquire
from blueprint.ledger.submissions import get, list_submissions
from blueprint.signing import parse_public
from tests.integration.hooks.pushes import CODE

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment

PREDICTIONS = "version: 1\ntask: tissue\nkind: predictions\n"


def test_a_submission_is_accepted_in_the_push_itself(
    ready: "Clone", deployment: "Deployment"
) -> None:
    pushed = ready.submit("1")

    head = ready.git("rev-parse", "HEAD")
    receipt = get(deployment.platform.database, 1).receipt
    assert pushed.accepted
    assert pushed.said == (
        "checked: brain-tissue/preliminary, reserved as submission 1\n"
        f"  commit {head[:12]} as submission/1, received 2027-06-15T12:00:00Z\n"
        "  it runs in the process sandbox, with Python's standard library, numpy, scipy and"
        " nibabel\n"
        "  it counts once git has stored the tag; then `accepted` follows, with the receipt\n"
        "  if it does not, look at http://127.0.0.1:8123/portal/submissions before you push again\n"
        "accepted: brain-tissue/preliminary, submission 1\n"
        f"  receipt {receipt['signature'][:16]}..., signed with the challenge's key\n"
        "  left: 2 of 3 in 24 hours\n"
        "  follow it at http://127.0.0.1:8123/portal/submissions/1\n"
    )


def test_what_was_accepted_waits_in_the_queue_with_everything_known(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.submit("first-try")

    lease = acquire(deployment.platform.database, "worker-1", deployment.dial())

    assert lease is not None
    one = lease.submission
    assert (one.team_slug, one.username, one.phase, one.task) == (
        "voxels", "person-1", "preliminary", "tissue",
    )  # fmt: skip
    assert one.commit_sha == ready.git("rev-parse", "HEAD")
    assert one.tag == "refs/tags/submission/first-try"
    assert one.manifest == {
        "version": 1, "task": "tissue", "kind": "code", "run": ["python", "predict.py"],
    }  # fmt: skip
    assert git.submission_tags(deployment.repository) == {one.tag: one.commit_sha}
    assert audit.verify(deployment.platform.database).problem == ""


def test_the_receipt_proves_the_push_with_the_public_key_alone(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.submit("1")
    saved = json.dumps(dict(get(deployment.platform.database, 1).receipt)).encode()
    public = parse_public((deployment.platform.state.keys / "receipts.pub").read_text())

    receipt = verify_receipt(parse_receipt(saved), public)

    assert receipt.commit == ready.git("rev-parse", "HEAD")
    assert (receipt.team, receipt.submission, receipt.decision) == ("voxels", 1, "accepted")


def test_an_annotated_tag_is_the_commit_that_it_leads_to(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.git("tag", "--annotate", "submission/1", "-m", "our first")
    ready.git("tag", "--annotate", "submission/2", "submission/1", "-m", "a tag of a tag")

    assert ready.push("submission/1").accepted
    assert "accepted before: " in ready.push("submission/2").said

    one = get(deployment.platform.database, 1)
    assert one.commit_sha == ready.git("rev-parse", "HEAD")
    assert one.confirmed_at is not None
    assert set(git.submission_tags(deployment.repository).values()) == {one.commit_sha}


def test_a_second_tag_on_a_commit_is_answered_with_the_first_receipt(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.submit("1")
    deployment.dial.now += timedelta(hours=1)

    again = ready.submit("again")

    receipt = get(deployment.platform.database, 1).receipt
    assert again.accepted
    assert again.said == (
        "checked: brain-tissue/preliminary, accepted before as submission 1\n"
        "accepted before: brain-tissue/preliminary, submission 1\n"
        "  this commit has its receipt already: as submission/1, received 2027-06-15T12:00:00Z\n"
        f"  receipt {receipt['signature'][:16]}...; it waits in the queue; no quota was used\n"
        "  follow it at http://127.0.0.1:8123/portal/submissions/1\n"
    )
    assert len(list_submissions(deployment.platform.database)) == 1


def test_predictions_are_counted_and_what_is_missing_is_named(clone: "Clone") -> None:
    clone.commit({
        "submission.yaml": PREDICTIONS,
        "predictions/case-01/mask.nii.gz": "1",
        "predictions/case-03/mask.nii.gz": "3",
        "README.md": "computed at home",
    })  # fmt: skip

    pushed = clone.submit("1")

    assert pushed.accepted
    assert (
        "  2 of 4 cases have a prediction; each that is missing (case-02, case-04) gets the worst"
        " score\n"
    ) in pushed.said


def test_the_dockerfile_is_said_to_be_ignored(ready: "Clone") -> None:
    ready.commit({"Dockerfile": "FROM scratch\n"})

    assert "numpy, scipy and nibabel; the Dockerfile is ignored\n" in ready.submit("1").said


def test_a_branch_is_stored_and_told_how_to_submit(
    ready: "Clone", deployment: "Deployment"
) -> None:
    pushed = ready.push("main")

    assert pushed.accepted
    assert pushed.said == (
        "stored: main; work in progress is not evaluated\n"
        "to submit a commit: git tag submission/1 && git push origin submission/1\n"
    )
    assert list_submissions(deployment.platform.database) == []


def test_the_branch_hint_names_a_tag_that_is_free(ready: "Clone") -> None:
    ready.submit("7")

    assert "git tag submission/8 &&" in ready.push("main").said


def test_a_branch_beside_a_submission_is_stored_with_it(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.tag("1")

    pushed = ready.push("main", "submission/1")

    assert pushed.accepted
    assert "accepted: brain-tissue/preliminary, submission 1\n" in pushed.said
    assert git.tag_commit(deployment.repository, "refs/heads/main") is not None


def test_a_refused_push_leaves_nothing_and_its_name_can_be_used_again(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.commit({"submission.yaml": CODE.replace("predict.py", "predit.py")})
    ready.tag("1")
    refused = ready.push("main", "submission/1")
    ready.commit({"submission.yaml": CODE})

    mended = ready.submit("1")

    assert not refused.accepted
    assert mended.accepted
    assert "left: 2 of 3" in mended.said
    assert git.tag_commit(deployment.repository, "refs/heads/main") is None
