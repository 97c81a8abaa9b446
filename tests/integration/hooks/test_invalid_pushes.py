"""Broken submissions, pushed for real: each is refused with exactly the words that are expected.

`NN-name.yaml` below tests/invalid/submissions is the submission.yaml of an otherwise good commit;
what cannot be a file there is made here. `NN-name.expected` is the whole answer of the platform.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blueprint import audit
from blueprint.adapters import git
from blueprint.ledger.submissions import list_submissions

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment

FOLDER = Path(__file__).resolve().parents[2] / "invalid" / "submissions"
GOOD = b"version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"
PREDICTIONS = b"version: 1\ntask: tissue\nkind: predictions\n"
MIB = 1024**2


def good(clone: "Clone", manifest: bytes = GOOD) -> dict[str, str]:
    """Return the entries of a good commit: name to `mode type id`."""
    return {
        "submission.yaml": file(clone, manifest),
        "predict.py": file(clone, b"print('hello')\n"),
    }


def file(clone: "Clone", content: bytes) -> str:
    return "100644 blob " + clone.git("hash-object", "-w", "--stdin", stdin=content)


def tree(clone: "Clone", entries: dict[str, str]) -> str:
    lines = "".join(f"{what}\t{name}\0" for name, what in entries.items())
    raw = lines.encode("utf-8", "surrogateescape")
    return clone.git("mktree", "-z", "--missing", stdin=raw)


def folder(clone: "Clone", entries: dict[str, str]) -> str:
    return "040000 tree " + tree(clone, entries)


def commit(clone: "Clone", entries: dict[str, str]) -> str:
    return clone.git("commit-tree", tree(clone, entries), "-m", "work")


def with_manifest(manifest: bytes) -> Callable[["Clone"], str]:
    return lambda clone: commit(clone, good(clone, manifest))


def no_manifest(clone: "Clone") -> str:
    return commit(clone, {"predict.py": file(clone, b"print('hello')\n")})


def symbolic_link(clone: "Clone") -> str:
    link = file(clone, b"/etc/passwd").replace("100644", "120000")
    return commit(clone, {**good(clone), "weights.bin": link})


def manifest_is_a_link(clone: "Clone") -> str:
    link = file(clone, b"predict.py").replace("100644", "120000")
    return commit(clone, {**good(clone), "submission.yaml": link})


def manifest_is_a_folder(clone: "Clone") -> str:
    inside = folder(clone, {"submission.yaml": file(clone, GOOD)})
    return commit(clone, {**good(clone), "submission.yaml": inside})


def submodule(clone: "Clone") -> str:
    other = commit(clone, good(clone))
    return commit(clone, {**good(clone), "library": f"160000 commit {other}"})


def newline_in_a_name(clone: "Clone") -> str:
    bad = file(clone, b"x")
    return commit(clone, {**good(clone), "two\nlines.py": bad, "red\x1b[31m.py": bad})


def reversed_name(clone: "Clone") -> str:
    return commit(clone, {**good(clone), "exe.\u202eyp.tcider": file(clone, b"x")})


def name_that_is_not_utf8(clone: "Clone") -> str:
    return commit(clone, {**good(clone), "caf\udce9.py": file(clone, b"x")})


def path_that_is_too_long(clone: "Clone") -> str:
    return commit(clone, {**good(clone), "n" * 201 + ".py": file(clone, b"x")})


def folders_too_deep(clone: "Clone") -> str:
    entry = file(clone, b"x")
    for number in range(12, 0, -1):
        entry = folder(clone, {"deep.py" if number == 12 else f"f{number + 1}": entry})
    return commit(clone, {**good(clone), "f1": entry})


def many_files(clone: "Clone") -> str:
    blob = file(clone, b"x")
    inside = folder(clone, {f"{number:05}.txt": blob for number in range(50_000)})
    return commit(clone, {**good(clone), "cache": inside})


def a_few_files_too_many(clone: "Clone") -> str:
    blob = file(clone, b"x")
    inside = folder(clone, {f"{number:05}.txt": blob for number in range(1_999)})
    return commit(clone, {**good(clone), "cache": inside})


def folders_without_files(clone: "Clone") -> str:
    entry = "040000 tree " + clone.git("mktree", "-z")
    for _ in range(10):  # ten levels of ten folders each: 10^10 of them in a push of 1 KB
        entry = folder(clone, {f"d{number}": entry for number in range(10)})
    return commit(clone, {**good(clone), "bomb": entry})


def files_without_end(clone: "Clone") -> str:
    entry = file(clone, b"x")
    for _ in range(10):
        entry = folder(clone, {f"d{number}": entry for number in range(10)})
    return commit(clone, {**good(clone), "bomb": entry})


def one_huge_file(clone: "Clone") -> str:
    return commit(clone, {**good(clone), "weights.bin": file(clone, bytes(101 * MIB))})


def too_much_in_all(clone: "Clone") -> str:
    blob = file(clone, bytes(60 * MIB))
    return commit(clone, {**good(clone), **{f"weights-{n}.bin": blob for n in range(4)}})


def predictions_of(*paths: str) -> Callable[["Clone"], str]:
    def build(clone: "Clone") -> str:
        cases: dict[str, dict[str, str]] = {}
        for path in paths:
            case, name = path.split("/")
            cases.setdefault(case, {})[name] = file(clone, b"x")
        inside = {case: folder(clone, files) for case, files in cases.items()}
        entries = good(clone, PREDICTIONS)
        return commit(clone, {**entries, "predictions": folder(clone, inside)})

    return build


def tag_on_a_file(clone: "Clone") -> str:
    return file(clone, b"x").split()[2]


def everything_at_once(clone: "Clone") -> str:
    manifest = b"version: 1\ntask: tisue\nkind: code\nrun: [python, predit.py]\n"
    link = file(clone, b"/etc/passwd").replace("100644", "120000")
    return commit(clone, {**good(clone, manifest), "a\nb": link})


MADE: dict[str, Callable[["Clone"], str]] = {
    "40-no-submission-yaml": no_manifest,
    "41-nul-byte": with_manifest(b"version: 1\ntask: tis\x00sue\nkind: code\n"),
    "42-invalid-utf-8": with_manifest(b"version: 1\ntask: tissu\xe9\nkind: code\n"),
    "43-too-large": with_manifest(GOOD + b"# " + b"x" * 70_000 + b"\n"),
    "44-a-thousand-brackets": with_manifest(b"task: " + b"[" * 1_000 + b"]" * 1_000 + b"\n"),
    "45-submission-yaml-is-a-link": manifest_is_a_link,
    "46-submission-yaml-is-a-folder": manifest_is_a_folder,
    "50-symbolic-link": symbolic_link,
    "51-submodule": submodule,
    "52-newline-in-a-name": newline_in_a_name,
    "53-name-that-reads-backwards": reversed_name,
    "54-name-that-is-not-utf-8": name_that_is_not_utf8,
    "55-path-too-long": path_that_is_too_long,
    "56-folders-too-deep": folders_too_deep,
    "57-fifty-thousand-files": many_files,
    "58-a-few-files-too-many": a_few_files_too_many,
    "59-folders-without-files": folders_without_files,
    "60-files-without-end": files_without_end,
    "61-one-huge-file": one_huge_file,
    "62-too-much-in-all": too_much_in_all,
    "63-predictions-without-files": with_manifest(PREDICTIONS),
    "64-predictions-with-other-names": predictions_of(
        "case-01/mask.nii", "case-02/mask.nii.gz", "case02/mask.nii.gz"
    ),
    "65-tag-on-a-file": tag_on_a_file,
    "66-faults-in-the-file-and-in-the-tree": everything_at_once,
}
MADE |= {
    source.stem: with_manifest(source.read_bytes()) for source in sorted(FOLDER.glob("*.yaml"))
}


def test_every_expected_answer_belongs_to_a_broken_submission() -> None:
    assert {path.stem for path in FOLDER.glob("*.expected")} == set(MADE)
    assert len(MADE) >= 20


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_broken_submission_is_refused_with_these_words(
    name: str, clone: "Clone", deployment: "Deployment"
) -> None:
    clone.git("tag", "submission/1", MADE[name](clone))

    pushed = clone.push("submission/1")

    assert pushed.said == (FOLDER / f"{name}.expected").read_text(encoding="utf-8")
    assert not pushed.accepted
    assert "Traceback" not in pushed.stderr
    assert git.submission_tags(deployment.repository) == {}
    assert list_submissions(deployment.platform.database) == []


def test_after_all_of_this_a_good_submission_is_accepted_with_its_whole_quota(
    clone: "Clone", deployment: "Deployment"
) -> None:
    before = audit.verify(deployment.platform.database).rows
    for name in ("07-wrong-version", "50-symbolic-link", "59-folders-without-files"):
        clone.git("tag", "--force", "submission/1", MADE[name](clone))
        assert not clone.push("submission/1").accepted
    clone.git("tag", "--force", "submission/1", commit(clone, good(clone)))

    pushed = clone.push("submission/1")

    assert pushed.accepted
    assert "left: 2 of 3 in 24 hours" in pushed.said
    assert audit.verify(deployment.platform.database).rows == before + 1


@pytest.mark.parametrize("name", [".git", "..", ".GIT"])
def test_git_itself_refuses_paths_that_leave_the_repository(clone: "Clone", name: str) -> None:
    inside = folder(clone, {"config": file(clone, b"x")})
    clone.git("tag", "submission/1", commit(clone, {**good(clone), name: inside}))

    pushed = clone.push("submission/1")

    assert not pushed.accepted
    assert "hasDot" in pushed.stderr


ONE_TO_64 = (
    "after submission/ comes a name of 1 to 64 letters, digits, '.', '_' and '-', such as"
    " submission/1\n"
)
TOO_MANY = "refused: a push changes at most 50 branches and tags: push fewer at once\n"
REFS = {
    "two submissions": (
        ["main:refs/tags/submission/1", "main:refs/tags/submission/2"],
        "refused: one submission a push: submission/1, submission/2 are 2; push them one by one\n",
    ),
    "a name with a folder in it": (
        ["main:refs/tags/submission/ä/b"],
        f"refused: submission/ä/b: {ONE_TO_64}",
    ),
    "a name that begins as an option does": (
        ["main:refs/tags/submission/--upload-pack=x"],
        f"refused: submission/--upload-pack=x: {ONE_TO_64}",
    ),
    "replaced objects": (
        [f"main:refs/replace/{'01' * 20}"],
        f"refused: refs/replace/{'01' * 20}: only branches and tags are stored here\n",
    ),
    "too many refs": ([f"main:refs/heads/b{number}" for number in range(51)], TOO_MANY),
    "far too many refs": ([f"main:refs/heads/b{number}" for number in range(300)], TOO_MANY),
}
LAST = "nothing of this push was stored, and no quota was used\n"


@pytest.mark.parametrize("refs", REFS)
def test_refs_that_are_no_submission_are_refused_with_these_words(
    clone: "Clone", deployment: "Deployment", refs: str
) -> None:
    clone.commit({"submission.yaml": GOOD, "predict.py": "print('hello')\n"})
    pushed, said = REFS[refs]

    answer = clone.push(*pushed)

    assert not answer.accepted
    assert answer.said == said + LAST
    assert list_submissions(deployment.platform.database) == []


def test_a_phase_with_private_cases_has_to_be_named(
    clone: "Clone", deployment: "Deployment"
) -> None:
    clone.commit({"submission.yaml": GOOD, "predict.py": "print('hello')\n"})
    deployment.dial.now = deployment.dial.now.replace(month=9, day=5)  # `final` alone is open

    by_default = clone.submit("1")
    clone.commit({"submission.yaml": GOOD + b"phase: final\n"})
    named = clone.submit("1")

    assert not by_default.accepted
    assert by_default.said == (
        "refused: 1 fault; nothing of this push was stored, and no quota was used\n"
        "submission.yaml:2:1: task: only final is open for tissue, and it has to be named: it runs"
        " on the private cases\n"
        "  hint: add `phase: final` where you mean it\n"
        "then commit, and push the tag again; its name is still free:\n"
        "  git tag -f submission/1 && git push origin submission/1\n"
    )
    assert "accepted: brain-tissue/final, submission 1\n" in named.said


def test_a_phase_of_a_single_try_has_to_be_named(clone: "Clone", deployment: "Deployment") -> None:
    deployment.set_limits(total=1)
    clone.commit({"submission.yaml": GOOD, "predict.py": "print('hello')\n"})

    by_default = clone.submit("1")
    clone.commit({"submission.yaml": GOOD + b"phase: preliminary\n"})

    assert not by_default.accepted
    assert (
        "task: only preliminary is open for tissue, and it has to be named: it takes one submission"
        " in all\n"
    ) in by_default.said
    assert clone.submit("1").accepted


def test_a_submission_tag_is_neither_moved_nor_deleted(
    clone: "Clone", deployment: "Deployment"
) -> None:
    clone.commit({"submission.yaml": GOOD, "predict.py": "print('hello')\n"})
    assert clone.submit("1").accepted
    clone.commit({"note": "2"})
    clone.tag("1")

    moved = clone.push("--force", "submission/1")
    deleted = clone.push("--delete", "refs/tags/submission/1")

    assert moved.said == (
        "refused: submission/1 exists and is never moved, its receipt names the commit:"
        " choose a new name\n" + LAST
    )
    assert deleted.said == (
        "refused: submission/1 stays: a submission is not deleted, its receipt names it\n" + LAST
    )
    assert len(git.submission_tags(deployment.repository)) == 1


def test_a_branch_may_be_deleted(clone: "Clone") -> None:
    clone.commit({"notes": "1"})
    clone.push("main:idea")

    assert clone.push("--delete", "idea").said == "deleted: idea\n"
