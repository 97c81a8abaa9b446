"""Datasets, their digests, and what tells two of them apart."""

from blueprint.evaluations.datasets import (
    CaseDigests,
    Dataset,
    FileDigest,
    differences,
    read_dataset,
)


def case(image: str, mask: str) -> CaseDigests:
    return CaseDigests({"t1": FileDigest(image * 64, 10)}, {"mask": FileDigest(mask * 64, 20)})


BEFORE = Dataset("tissue", "public", {"a": case("1", "2"), "b": case("3", "4")})


def said(after: Dataset) -> list[str]:
    return [str(change) for change in differences(BEFORE, after)]


def test_a_document_read_back_is_the_same_dataset_with_the_same_digest():
    again = read_dataset(BEFORE.as_document())

    assert again == BEFORE
    assert again.digest == BEFORE.digest
    assert len(BEFORE.digest) == 64


def test_the_order_in_which_cases_are_found_changes_nothing():
    turned = Dataset("tissue", "public", dict(reversed(list(BEFORE.cases.items()))))

    assert turned.digest == BEFORE.digest


def test_the_same_files_under_another_split_are_another_dataset():
    assert Dataset("tissue", "private", BEFORE.cases).digest != BEFORE.digest


def test_two_swapped_references_are_named_with_each_other():
    swapped = Dataset("tissue", "public", {"a": case("1", "4"), "b": case("3", "2")})

    assert swapped.digest != BEFORE.digest
    assert said(swapped) == [
        "reference/a/mask.nii.gz: changed (now what b had)",
        "reference/b/mask.nii.gz: changed (now what a had)",
    ]
    assert not any(change.needs_runs for change in differences(BEFORE, swapped))


def test_a_new_input_needs_runs_and_so_does_a_new_case():
    other = Dataset("tissue", "public", {**BEFORE.cases, "a": case("5", "2")})
    more = Dataset("tissue", "public", {**BEFORE.cases, "c": case("6", "7")})

    assert [c.needs_runs for c in differences(BEFORE, other)] == [True]
    assert said(more) == ["inputs/c/t1.nii.gz: added", "reference/c/mask.nii.gz: added"]
    assert all(change.needs_runs for change in differences(BEFORE, more))


def test_a_removed_case_needs_no_runs():
    fewer = Dataset("tissue", "public", {"a": BEFORE.cases["a"]})

    assert said(fewer) == ["inputs/b/t1.nii.gz: removed", "reference/b/mask.nii.gz: removed"]
    assert not any(change.needs_runs for change in differences(BEFORE, fewer))
