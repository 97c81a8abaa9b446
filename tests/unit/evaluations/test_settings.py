"""What scores and ranks depend on is frozen; what is only read by people is not."""

from typing import Any

import pytest

from blueprint.config.model import Task
from blueprint.evaluations.datasets import digest_of
from blueprint.evaluations.settings import evaluator_document, rules_document, task_under

TASK: dict[str, Any] = {
    "id": "tissue",
    "title": "Tissue",
    "problem": "semantic-segmentation",
    "inputs": {"t1": "image", "t2": "image"},
    "outputs": {"mask": "segmentation"},
    "labels": {1: "grey", 2: "white"},
    "cases": {"public": "data/test"},
    "metrics": [{"id": "dice"}, {"id": "hd95", "worst": "diagonal"}],
}


def task(**changes: Any) -> Task:
    return Task.model_validate({**TASK, **changes})


def evaluator(**changes: Any) -> str:
    return digest_of(evaluator_document(task(**changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Other words"},
        {"labels": {1: "cortex", 2: "white"}},
        {"cases": {"public": "elsewhere", "unit": "patient"}},
        {"ranking": "mean-of-ranks"},
        {"metrics": [{"id": "dice", "labels": "mean"}, {"id": "hd95", "worst": "diagonal"}]},
    ],
)
def test_scores_do_not_depend_on_it(changes):
    assert evaluator(**changes) == evaluator()


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": [{"id": "dice"}]},
        {"metrics": [{"id": "dice", "labels": "separate"}, {"id": "hd95", "worst": "diagonal"}]},
        {"labels": {1: "grey", 2: "white", 3: "deep grey"}},
        {"inputs": {"t2": "image", "t1": "image"}},
        {"ignore": [3]},
    ],
)
def test_scores_depend_on_it(changes):
    assert evaluator(**changes) != evaluator()


def test_ranks_depend_on_the_ranking_and_the_resampling():
    before = rules_document(task(), ())

    assert rules_document(task(ranking="mean-of-ranks"), ()) != before
    assert rules_document(task(uncertainty={"bootstrap": 200}), ()) != before
    assert rules_document(task(title="Other words"), ()) == before


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ranking": "mean-of-ranks"},
        {
            "ranking": [
                {"op": "mean", "over": ["case"]},
                {"op": "rank", "within": ["metric"]},
                {"op": "mean", "over": ["metric"]},
                {"op": "rank"},
            ]
        },
        {"ignore": [7], "uncertainty": {"bootstrap": 500, "seed": 3}},
    ],
)
def test_a_frozen_task_scores_and_ranks_as_it_did_whatever_is_edited(changes):
    frozen = task(**changes)
    edited = task(
        metrics=[{"id": "dice"}], ranking="mean-of-ranks", title="New", labels={1: "new", 2: "w"}
    )

    found = task_under(edited, evaluator_document(frozen), rules_document(frozen, ()))

    assert found.measures == frozen.measures
    assert (found.ranking, found.uncertainty) == (frozen.ranking, frozen.uncertainty)
    assert (found.inputs, found.outputs, found.ignore) == (
        frozen.inputs, frozen.outputs, frozen.ignore,
    )  # fmt: skip
    assert found.title == "New"
    assert found.labels[1] == "new"
