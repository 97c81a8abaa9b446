"""challenge.example.yaml is complete against the model, commented, and valid."""

from pathlib import Path

from blueprint.config.load import load
from blueprint.config.metrics_page import metrics_page
from blueprint.config.model import Challenge
from blueprint.config.reasons import REASONS
from blueprint.config.reference import comments_of, json_schema, read_example, reference_page
from blueprint.config.vocabulary import fields_of, pattern_of
from blueprint.rank.presets import PRESETS

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "challenge.example.yaml"
EVERY_KEY = [pattern for pattern, _ in fields_of(Challenge)]


def test_the_example_begins_with_its_version():
    assert EXAMPLE.read_text(encoding="utf-8").startswith("version: 1")


def test_the_example_is_valid_with_the_starters_data(starter_folder: Path):
    challenge = load(EXAMPLE, base=starter_folder)

    assert [phase.id for phase in challenge.phases] == ["preliminary", "final"]
    assert [release.id for release in challenge.data.releases] == ["training", "public-test"]


def test_the_example_has_every_key_of_the_model_live():
    document = read_example()
    live = {pattern_of(document, path, Challenge) for path in document.names}

    assert [".".join(key) for key in EVERY_KEY if key not in live] == []


def test_every_key_of_the_example_has_a_comment_beside_it():
    commented = comments_of(read_example())

    assert [".".join(key) for key in EVERY_KEY if key not in commented] == []


def test_every_default_has_its_reason_and_every_reason_its_default():
    optional = {".".join(key) for key, info in fields_of(Challenge) if not info.is_required()}

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
