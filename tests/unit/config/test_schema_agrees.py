"""The JSON Schema and the loader agree, file by file, as far as a schema can say it."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from blueprint.config.faults import ConfigFaults
from blueprint.config.load import parse_challenge
from blueprint.config.reference import json_schema
from blueprint.config.yaml_reader import read_yaml
from tests.server import TWO_HOSTS

ROOT = Path(__file__).resolve().parents[3]
BROKEN = sorted((ROOT / "tests" / "invalid" / "challenges").glob("*.yaml"))
VALID = [
    ROOT / "challenge.example.yaml",
    *sorted((ROOT / "tests" / "golden" / "server").glob("*/challenge.yaml")),
]

A_SCHEMA_CANNOT_SAY = {
    "unique": "two items of a list, or two hosts, that share an id or an address",
    "a file below challenge.pages": "a file beside challenge.yaml",
    "a folder apart from pages and data": "one path that contains another",
    "a folder apart from the public cases": "one path that contains another",
    "no ground truth of test cases": "one path that contains another",
    "another port than http": "two keys that differ",
    "the id of a task": "a name that another section has",
    "the id of another phase": "a name that another section has",
    "a split that the task has": "a key that another section has",
    "closes later than it opens": "two moments in order",
    "that phase closes before this one opens": "two moments in order",
    "required with missing: worst": "a key that another section asks for",
    "sound steps": "what a list of ranking steps comes to",
    "no label of the task": "a number that another key has",
    "a label of the task": "a number that another key has",
    "other labels than every other region": "two items that hold the same",
    "another name": "a name that another key has",
    "names no time zone": "the list of time zones",
    "one host with the role main": "a count over a mapping",
    "at least one host with the role runner": "a count over a mapping",
    "GPUs of a host with the role runner": "a key that depends on an item of a list",
    "a password over TLS alone": "a key that depends on another one",
    "0 with `engine: process`": "a key that depends on another section",
    "at most 64 MiB with `engine: process`": "a key that depends on another section",
    "at most the GPUs of one host": "a number that another section has",
}
"""Each rule of the loader that no schema holds, and what it is about."""


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def as_json(data: bytes) -> Any:
    """What an editor would hold against the schema; keys are text in JSON."""
    value = read_yaml(data, file="challenge.yaml").value
    return json.loads(json.dumps(value))


def faults_of(data: bytes) -> list[str]:
    """The rules that a file breaks for the loader; folders are not looked at."""
    try:
        parse_challenge(data, file="challenge.yaml")
    except ConfigFaults as error:
        rules = [fault.rule or fault.problem for fault in error.faults]
        return ["names no time zone" if rule.startswith("names no") else rule for rule in rules]
    return []


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.parent.name)
def test_what_is_valid_is_so_for_both(path: Path, validator: Draft202012Validator):
    data = path.read_bytes()

    assert faults_of(data) == []
    assert [error.message for error in validator.iter_errors(as_json(data))] == []


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_what_is_broken_is_so_for_both_or_is_listed(path: Path, validator: Draft202012Validator):
    data = path.read_bytes()
    try:
        document = as_json(data)
    except ConfigFaults:
        return  # no YAML that a schema could be held against: an editor says so itself
    rules, refused = faults_of(data), not validator.is_valid(document)

    if refused:
        assert rules, "the schema refuses what the loader accepts"
    else:
        assert set(rules) <= A_SCHEMA_CANNOT_SAY.keys()


def test_every_rule_of_the_list_is_met_by_a_broken_file():
    met = {rule for path in BROKEN for rule in faults_of(path.read_bytes())}

    assert A_SCHEMA_CANNOT_SAY.keys() - met == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("domain: challenge.example.org", "domain: 192.0.2.10"),
        ("user: deploy, roles", "user: deploy, ports: [22], roles"),
        ("    gpu1:", "    GPU 1:"),
        ("roles: [runner]", "roles: []"),
        ("gpus: 2", "gpus: -1"),
        ("mode: letsencrypt", "mode: letsencrypt, directory: https://acme.example.org"),
        ("mode: letsencrypt", "mode: acme"),
        ("target: server", "target: moon"),
        ("closes: 2027-08-31", "closes: tomorrow"),
        ("public: data/test-public", "public: /data"),
        ("2: white matter", "two: white matter"),
    ],
)
def test_one_edit_breaks_the_file_for_both(
    before: str, after: str, validator: Draft202012Validator
):
    text = TWO_HOSTS.replace(before, after)

    assert text != TWO_HOSTS
    assert faults_of(text.encode())
    assert not validator.is_valid(as_json(text.encode()))


def test_servers_without_their_section_are_broken_for_both(validator: Draft202012Validator):
    head, _, rest = TWO_HOSTS.partition("server:\n")
    text = f"{head}tasks:{rest.partition('tasks:')[2]}"

    assert faults_of(text.encode()) == ["a section `server`"]
    assert not validator.is_valid(as_json(text.encode()))
