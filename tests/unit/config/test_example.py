"""challenge.example.yaml is complete against the model, commented, and valid."""

import json
from pathlib import Path

import pytest

from blueprint.config.load import load, parse_challenge
from blueprint.config.metrics_page import metrics_page
from blueprint.config.model import Challenge
from blueprint.config.reasons import REASONS
from blueprint.config.reference import (
    comments_of,
    json_schema,
    known_keys,
    meanings_of_example,
    read_alternatives,
    read_example,
    reference_page,
)
from blueprint.config.vocabulary import pattern_of
from blueprint.rank.presets import PRESETS

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "challenge.example.yaml"
EVERY_KEY = [key.pattern for key in known_keys()]


def test_the_example_begins_with_its_version():
    assert EXAMPLE.read_text(encoding="utf-8").startswith("version: 1")


def test_the_example_is_valid_with_the_starters_data(starter_folder: Path):
    challenge = load(EXAMPLE, base=starter_folder)

    assert [phase.id for phase in challenge.phases] == ["preliminary", "final"]
    assert [release.id for release in challenge.data.releases] == ["training", "public-test"]


def test_the_example_has_every_key_of_the_model_live():
    shown = [read_example(), *read_alternatives()]
    live = {pattern_of(one, path, Challenge) for one in shown for path in one.names}

    assert [".".join(key) for key in EVERY_KEY if key not in live] == []


def test_only_keys_of_some_kinds_stand_in_comments():
    document = read_example()
    live = {pattern_of(document, path, Challenge) for path in document.names}

    assert [".".join(key.pattern) for key in known_keys() if not key.kinds
            and key.pattern not in live] == []  # fmt: skip


@pytest.mark.parametrize("number", range(3))
def test_every_other_kind_that_the_example_shows_is_valid_in_its_place(
    number: int, starter_folder: Path
):
    text = EXAMPLE.read_text(encoding="utf-8")
    (other,) = [one for index, one in enumerate(read_alternatives()) if index == number]
    (key,) = [path[1] for path in other.names if len(path) == 2]
    document = read_example()
    span = document.values["server", key]
    value = json.dumps(other.at(("server", key)))

    changed = parse_challenge(
        (text[: span.start] + value + "\n  " + text[span.end :].lstrip()).encode(),
        file="challenge.yaml",
        base=starter_folder,
    )

    assert len(read_alternatives()) == 3
    assert changed.server is not None
    kind = getattr(changed.server, str(key))
    assert kind.model_dump(mode="json", by_alias=True) == other.at(("server", key))


def test_every_key_of_the_example_has_a_comment_beside_it():
    commented = meanings_of_example()

    assert [".".join(key) for key in EVERY_KEY if key not in commented] == []


def test_every_default_has_its_reason_and_every_reason_its_default():
    optional = {".".join(key.pattern) for key in known_keys() if not key.info.is_required()}

    assert set(REASONS) == optional


def test_the_steps_in_the_example_are_the_preset_that_its_comment_names(starter_folder: Path):
    ranking = load(EXAMPLE, base=starter_folder).tasks[0].ranking

    assert (
        "per-case-ranks (these very steps)" in comments_of(read_example())["tasks", "*", "ranking"]
    )
    assert ranking == PRESETS["per-case-ranks"]


def test_the_reference_page_is_made_of_the_example():
    page = reference_page()
    assert page == (ROOT / "docs" / "reference" / "challenge-yaml.md").read_text(encoding="utf-8")
    assert all(f"| `{'.'.join(key)}` |" in page for key in EVERY_KEY)


def test_the_page_of_the_metrics_is_made_of_their_specifications():
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")

    assert page == metrics_page()


def test_the_schema_names_every_key_and_its_meaning():
    schema = json_schema()
    limits = schema["$defs"]["Limits"]

    assert limits["additionalProperties"] is False
    assert limits["properties"]["per_day"]["description"] == "accepted in the last 24 hours"
    assert schema["$defs"]["Resources"]["properties"]["time"]["type"] == "string"
    assert schema["required"] == ["version", "challenge", "tasks", "phases"]


def test_the_schema_gives_each_metric_its_own_keys():
    metrics = {
        name: entry["properties"]
        for name, entry in json_schema()["$defs"].items()
        if name.startswith("Metric_")
    }

    assert set(metrics["Metric_dice"]) == {"id", "labels"}
    assert set(metrics["Metric_hd95"]) == {"id", "labels", "definition", "unit", "worst"}
    assert metrics["Metric_hd95"]["definition"]["description"] == "which of the definitions in use"


def test_the_comments_on_a_metrics_own_keys_are_what_its_specification_says():
    comments = comments_of(read_example())
    hd95 = json_schema()["$defs"]["Metric_hd95"]["properties"]

    for key in ("definition", "unit", "worst"):
        assert comments["tasks", "*", "metrics", "*", key] == hd95[key]["description"]
