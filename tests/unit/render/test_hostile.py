"""Hostile text in any key that takes text is inert in every file of the bundle.

The same challenge is rendered twice: with plain words, and with hostile text behind each of them.
Every YAML and JSON file, read back, must differ in those texts alone, and hold them exactly.
"""

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from blueprint.config.faults import ConfigFaults
from blueprint.config.load import parse_challenge
from blueprint.render.bundle import Files, render
from blueprint.render.sources import load_sources
from blueprint.render.templating import RenderError, Templates
from blueprint.services.assemble import plan_server
from blueprint.services.images import load_images

PLAIN = "plainword"
HOSTILE = (
    "\"double' single` back\\slash",
    "line\nbreak: and\r\n- more",
    "{{ 7*7 }} {% raw %} {# no #}",
    "$(id) ${HOME} $HOME `id`",
    "; rm -rf / # && || | > < &",
    "\x1b[2J\x00\x07\x7f",
    "</script><script>alert(1)</script>",
    "!unsafe x, *alias, &anchor, %TAG, @at, : colon, - dash",
    "yes",
    "null",
    "1.5",
    "  spaces at both ends  ",
    "\u202eright to left\u2028separator \U0001f600",
)
DOCUMENT: dict[str, Any] = {
    "version": 1,
    "challenge": {
        "id": "brain", "title": "T", "contact": "brain@example.org", "notice": "N",
        "organizers": [{"name": "G", "institution": "I"}],
    },
    "target": "server",
    "server": {
        "domain": "challenge.example.org",
        "tls": {"mode": "acme", "email": "a@example.org", "eab": {"key_id": "k"},
                "directory": "https://acme.example.org/directory", "authority": "ca.pem"},
        "hosts": {
            "main": {"address": "192.0.2.10", "user": "deploy"},
            "gpu1": {"address": "192.0.2.11", "user": "deploy", "roles": ["runner"]},
        },
        "object_store": {"kind": "external", "endpoint": "https://s3.example.org"},
        "mail": {"host": "smtp.example.org", "from": "b@example.org", "username": "u"},
    },
    "people": {"questions": [{"id": "q", "label": "L"}]},
    "data": {"releases": [{"id": "r", "title": "R", "path": "data/training",
                           "opens": "2027-05-01", "license": "CC0-1.0"}]},
    "tasks": [{
        "id": "tissue", "title": "Tissue", "problem": "semantic-segmentation",
        "inputs": {"t1": "image"}, "outputs": {"mask": "segmentation"},
        "labels": {1: "grey"}, "cases": {"public": "data/test"},
        "metrics": [{"id": "dice"}],
    }],
    "phases": [{"id": "only", "tasks": ["tissue"], "opens": "2027-06-01", "closes": "2027-08-31"}],
}  # fmt: skip
FREE = (
    ("challenge", "title"), ("challenge", "contact"), ("challenge", "notice"),
    ("challenge", "organizers", 0, "name"), ("challenge", "organizers", 0, "institution"),
    ("server", "domain"), ("server", "tls", "email"), ("server", "tls", "eab", "key_id"),
    ("server", "tls", "directory"), ("server", "tls", "authority"),
    ("server", "hosts", "main", "address"), ("server", "hosts", "main", "user"),
    ("server", "object_store", "endpoint"), ("server", "mail", "host"), ("server", "mail", "from"),
    ("server", "mail", "username"), ("people", "questions", 0, "label"),
    ("data", "releases", 0, "title"), ("data", "releases", 0, "path"),
    ("data", "releases", 0, "license"), ("tasks", 0, "title"), ("tasks", 0, "labels", 1),
    ("tasks", 0, "cases", "public"),
)  # fmt: skip
SHAPES = {
    "contact": "{}@example.org", "email": "{}@example.org", "from": "{}@example.org",
    "directory": "https://{}.example.org/", "endpoint": "https://{}.example.org/",
    "domain": "{}.example.org", "path": "data/{}", "public": "data/{}",
}  # fmt: skip
"""What stands around a text where the key asks for more than that."""
Path = tuple[str | int, ...]
SOURCES = load_sources()


class _Loader(yaml.SafeLoader):
    """YAML with Ansible's mark for text that is no template."""


def _unsafe(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


_Loader.add_constructor("!unsafe", _unsafe)


def with_values(values: Mapping[Path, str]) -> str:
    """The challenge with some values in place of its own."""
    document = copy.deepcopy(DOCUMENT)
    for path, value in values.items():
        node: Any = document
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = value
    return yaml.safe_dump(document, width=10_000)


def bundle(values: Mapping[Path, str]) -> Files:
    challenge = parse_challenge(with_values(values).encode(), file="challenge.yaml")
    plan = plan_server(challenge, load_images(), software="1.0.0")
    return render(plan, SOURCES, project={})


def is_accepted(path: Path, value: str) -> bool:
    """Whether challenge.yaml may say it there."""
    try:
        parse_challenge(with_values({path: value}).encode(), file="challenge.yaml")
    except ConfigFaults:
        return False
    return True


def said(path: Path, value: str) -> str:
    """What the model holds of it: texts are stripped, paths are as they were written."""
    return value if path[-1] in ("path", "public", "authority") else value.strip()


def parsed(path: str, text: str) -> object:
    """A file as the program that reads it sees it."""
    if path.endswith(".json"):
        return json.loads(text)
    document = yaml.load(text, _Loader)  # noqa: S506 (a safe loader with one more mark)
    return _undoubled(document) if path.endswith("/compose.yaml") else document


def _undoubled(value: Any) -> Any:
    """What Compose makes of `$$`; a single `$` would begin a variable."""
    if isinstance(value, dict):
        return {_undoubled(key): _undoubled(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_undoubled(below) for below in value]
    if isinstance(value, str):
        assert not re.search(r"\$", value.replace("$$", ""))
        return value.replace("$$", "$")
    return value


def replaced(value: Any, words: Mapping[str, str]) -> Any:
    """A document with some texts in place of others, wherever they stand."""
    if isinstance(value, dict):
        return {replaced(key, words): replaced(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, words) for one in value]
    if isinstance(value, str):
        for before, after in words.items():
            value = value.replace(before, after)
    return value


def without_digests(document: Any) -> Any:
    """plan.json without what is computed from the other files."""
    return document["plan"] if isinstance(document, dict) and "files" in document else document


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_text_is_refused_or_inert(number: int):
    """Every key that accepts this text has it at once, each with a word of its own before it."""
    calm, attack = {}, {}
    for index, path in enumerate(FREE):
        around = SHAPES.get(str(path[-1]), "{}")
        word = f"{PLAIN}{index:02}end"
        attack[path] = around.format(f"{word}{HOSTILE[number]}")
        calm[path] = around.format(word)
    accepted = [path for path in FREE if is_accepted(path, attack[path])]
    before = bundle({path: calm[path] for path in accepted})
    after = bundle({path: attack[path] for path in accepted})
    words = {calm[path]: said(path, attack[path]) for path in accepted}

    assert before.keys() == after.keys()
    assert accepted  # each of them some key takes
    for name, text in before.items():
        if name.endswith((".json", ".yml", ".yaml")):
            wanted = replaced(without_digests(parsed(name, text)), words)
            assert without_digests(parsed(name, after[name])) == wanted, name
        elif not any(word in text for word in words):
            assert after[name] == text, name
        else:
            # What else repeats it must not be longer by a line, nor hold what moves a cursor.
            assert after[name].count("\n") == text.count("\n"), name
            assert "\x1b" not in after[name], name


def test_what_is_printable_and_on_one_line_may_be_said_in_every_text():
    printable = [text for text in HOSTILE if text.strip().isascii() and text.strip().isprintable()]
    every = [path for path in FREE if path[-1] in ("title", "name", "institution", "label")]

    assert len(printable) >= 9
    assert len(every) == 6
    assert [(path, text) for path in every for text in printable
            if not is_accepted(path, text)] == []  # fmt: skip


def test_a_text_that_went_through_no_filter_is_refused_whatever_is_in_it():
    challenge = parse_challenge(with_values({FREE[0]: "Harmless"}).encode(), file="challenge.yaml")
    plan = plan_server(challenge, load_images(), software="1.0.0")
    templates = Templates(
        {"bare": "{{ challenge.challenge.title }}", "typo": "{{ chalenge.title | yaml }}",
         "good": "{{ challenge.challenge.title | yaml }}"},
        plan,
    )  # fmt: skip

    assert templates.render("good") == "Harmless"
    with pytest.raises(RenderError, match="'Harmless' went through no quoting filter"):
        templates.render("bare")
    with pytest.raises(RenderError, match="'chalenge' is undefined"):
        templates.render("typo")
