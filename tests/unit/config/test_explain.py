"""What is in force without being written is said, with its reason."""

import pytest

from blueprint.config.digest import challenge_digest
from blueprint.config.explain import defaults_of, explain, instants_of, summary
from blueprint.config.load import parse_challenge
from blueprint.config.model import Challenge

SMALL = """\
version: 1
challenge: {id: brain, title: Brain, contact: brain@example.org}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {t1: image}
    outputs: {mask: segmentation}
    labels: {1: grey matter}
    cases: {public: test}
    metrics: [{id: dice}, {id: hd95, worst: diagonal}]
phases:
  - {id: only, tasks: [tissue], opens: 2027-06-01, closes: 2027-08-31, resources: {time: 90 s}}
"""


def parsed(text: str) -> Challenge:
    return parse_challenge(text.encode(), file="challenge.yaml")


@pytest.fixture
def small() -> Challenge:
    return parsed(SMALL)


def test_four_sections_are_enough(small: Challenge):
    assert small.embedded.http == 8080
    assert small.phase("only").task == "tissue"


def test_each_default_in_force_is_told_with_its_reason(small: Challenge):
    lines = explain(small)

    assert lines[:3] == [
        "Every moment, in UTC:",
        "  phases[0].opens   2027-06-01T00:00:00Z",
        "  phases[0].closes  2027-08-31T23:59:59Z",
    ]
    told = [line.split("  #")[0].strip() for line in lines[4:]]
    assert "embedded.http: 8080" in told
    assert "phases[0].resources.memory: 2 GiB" in told
    assert "phases[0].submission: [code]" in told
    assert "tasks[0].metrics[1].definition: max-directed" in told
    assert all("  # " in line for line in lines[4:])


def test_what_is_written_or_says_nothing_is_no_default_in_force(small: Challenge):
    paths = [default.path for default in defaults_of(small)]

    assert "phases[0].resources.time" not in paths
    assert "tasks[0].metrics[1].worst" not in paths
    assert "tasks[0].metrics[0].definition" not in paths  # dice has none


def test_moments_come_with_their_places(small: Challenge):
    assert [instant.path for instant in instants_of(small)] == [
        "phases[0].opens",
        "phases[0].closes",
    ]


def test_the_summary_says_what_would_be_deployed(small: Challenge):
    assert summary(small) == [
        "brain: Brain (contact brain@example.org, time zone UTC)",
        "task tissue: semantic-segmentation, labels 1 grey matter, metrics dice, hd95",
        "phase only: tissue, public cases, code, 2027-06-01T00:00:00Z to 2027-08-31T23:59:59Z",
    ]


def test_comments_order_and_written_defaults_do_not_change_the_digest(small: Challenge):
    head, _, phases = SMALL.partition("phases:")
    shuffled = f"phases: # rounds{phases}target: embedded\n{head}"

    assert challenge_digest(parsed(shuffled)) == challenge_digest(small)


@pytest.mark.parametrize(
    ("before", "after"),
    [("90 s", "91 s"), ("grey matter", "gray matter"), ("title: Brain", "title: Brains")],
)
def test_a_change_changes_the_digest(small: Challenge, before: str, after: str):
    assert challenge_digest(parsed(SMALL.replace(before, after))) != challenge_digest(small)


def test_the_digest_is_the_same_on_every_run(small: Challenge):
    assert len(challenge_digest(small)) == 64
    assert challenge_digest(small) == challenge_digest(parsed(SMALL))


def test_named_regions_take_the_place_of_the_labels(small: Challenge):
    labels = "labels: {1: grey matter, 2: white matter}"
    named = f"{labels}\n    regions: {{brain: [2, 1], white: [2]}}"
    regions = parsed(SMALL.replace("labels: {1: grey matter}", named))

    assert [(one.name, one.labels) for one in small.tasks[0].judged] == [("1", (1,))]
    assert [(one.name, one.labels) for one in regions.tasks[0].judged] == [
        ("brain", (1, 2)),
        ("white", (2,)),
    ]
    assert "1 grey matter, 2 white matter, regions brain, white, metrics" in summary(regions)[1]
    assert {measure.regions for measure in regions.tasks[0].measures} == {regions.tasks[0].judged}
