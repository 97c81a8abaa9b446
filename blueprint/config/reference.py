"""The vocabulary for people and editors: JSON Schema, and the reference page of every key.

The meaning of a key is the comment beside it in challenge.example.yaml, and stands nowhere else.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from blueprint import resources
from blueprint.config.locate import Document
from blueprint.config.model import Challenge
from blueprint.config.reasons import REASONS
from blueprint.config.vocabulary import KnownKey, Pattern, keys_of, pattern_of, sections_of
from blueprint.config.yaml_reader import read_yaml

_COMMENT = re.compile(r"\s#\s(?P<meaning>.+)$")


@dataclass(frozen=True)
class Key:
    """One key of challenge.yaml."""

    path: str
    """Such as `phases.*.limits.per_day`."""
    meaning: str
    example: str
    required: bool
    reason: str
    """Why the default is what it is; empty for a required key."""
    kinds: tuple[str, ...] = ()
    """Of which kinds a mapping may have it, such as a mode; empty: all."""


def known_keys() -> list[KnownKey]:
    """Return what the example documents: all but a metric's own keys, which have a page."""
    return [one for one in keys_of(Challenge) if one.info.description is None]


def keys() -> list[Key]:
    """Return every key of the vocabulary, in the order of the model."""
    meanings, examples = meanings_of_example(), _examples_of_example()
    return [
        Key(
            path=(path := ".".join(one.pattern)),
            meaning=meanings.get(one.pattern, ""),
            example=examples.get(one.pattern, ""),
            required=one.info.is_required(),
            reason=REASONS.get(path, ""),
            kinds=one.kinds,
        )
        for one in known_keys()
    ]


@lru_cache(maxsize=1)
def _hints() -> dict[str, str]:
    examples = _examples_of_example()
    return {".".join(pattern): f"`{pattern[-1]}: {text}`" for pattern, text in examples.items()}


def hint_for(pattern: Pattern) -> str:
    """Return how challenge.example.yaml writes the key at `pattern`, as a next step."""
    parts = list(pattern)
    while parts and parts[-1] == "*":
        parts.pop()
    example = _hints().get(".".join(parts), "")
    where = "challenge.example.yaml"
    return f"{where} has {example} there" if example else f"{where} explains every key"


def read_example() -> Document:
    """Return challenge.example.yaml, with the place of everything in it."""
    return read_yaml(
        resources.example_challenge().read_bytes(), file=resources.example_challenge().name
    )


def read_alternatives() -> list[Document]:
    """Return the other kinds of sections that challenge.example.yaml shows in comments.

    Each begins with a comment `Or ...:`; the lines below it, without their `#`, are the section.
    """
    blocks: list[list[str]] = []
    section, is_open = "", False
    for line in read_example().text.split("\n"):
        if top := re.match(r"(?P<name>[a-z_]+):", line):
            section = top["name"]
        if re.match(r"\s+# Or .*:$", line):
            blocks.append([f"{section}:"])
            is_open = True
        elif is_open and (inside := re.match(r"(?P<indent>\s+)# (?P<text>.+)$", line)):
            blocks[-1].append(inside["indent"] + inside["text"])
        else:
            is_open = False
    name = resources.example_challenge().name
    return [read_yaml("\n".join(lines).encode(), file=name) for lines in blocks]


def meanings_of_example() -> dict[Pattern, str]:
    """Return what challenge.example.yaml says of each key, in other kinds of sections too."""
    meanings: dict[Pattern, str] = {}
    for document in (read_example(), *read_alternatives()):
        meanings = {**comments_of(document), **meanings}
    return meanings


def comments_of(document: Document) -> dict[Pattern, str]:
    """Return the comment beside each key, the first where a pattern occurs more than once."""
    lines = document.text.split("\n")
    meanings: dict[Pattern, str] = {}
    for path, span in document.names.items():
        comment = _COMMENT.search(lines[span.line - 1])
        if comment and isinstance(path[-1], str):
            meanings.setdefault(pattern_of(document, path, Challenge), comment["meaning"])
    return meanings


def _examples_of_example() -> dict[Pattern, str]:
    examples: dict[Pattern, str] = {}
    for document in (read_example(), *read_alternatives()):
        examples = {**_examples_of(document), **examples}
    return examples


def _examples_of(document: Document) -> dict[Pattern, str]:
    examples: dict[Pattern, str] = {}
    for path, span in document.values.items():
        written = document.text[span.start : span.end].strip()
        if "\n" not in written and "#" not in written:
            examples.setdefault(pattern_of(document, path, Challenge), written)
    return examples


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of challenge.yaml, for editors that complete and check it."""
    schema = Challenge.model_json_schema(by_alias=True)
    meanings = {key.path: key.meaning for key in keys()}
    for pattern, section in sections_of(Challenge):
        known = schema["$defs"][section.__name__] if pattern else schema
        for name, entry in known["properties"].items():
            path = ".".join((*pattern, name))
            entry["description"] = meanings.get(path) or entry.get("description", "")
            if isinstance(entry.get("default"), dict):
                # The model's numbers, not what a file would say; each key has its own default.
                del entry["default"]
    _close_mappings(schema)
    schema["allOf"] = [
        {
            "if": {"properties": {"target": {"const": "server"}}, "required": ["target"]},
            "then": {"required": ["server"]},
        }
    ]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "challenge.yaml"
    return schema


def _close_mappings(node: Any) -> None:  # noqa: ANN401 (a part of a schema)
    """Refuse the keys that a mapping's pattern does not fit, as the loader does."""
    if isinstance(node, dict):
        if "patternProperties" in node:
            node["additionalProperties"] = False
        for below in node.values():
            _close_mappings(below)
    elif isinstance(node, list):
        for below in node:
            _close_mappings(below)


def reference_page() -> str:
    """Return docs/reference/challenge-yaml.md."""
    lines = [
        "# challenge.yaml",
        "",
        "Every key of version 1. This page is made from `challenge.example.yaml` and the model;",
        "`make docs` writes it again. A `*` stands for each item of a list.",
        "",
        "| key | meaning | example | when left out |",
        "|---|---|---|---|",
    ]
    for key in keys():
        left_out = "a fault: it is required" if key.required else key.reason
        example = f"`{key.example}`" if key.example else ""
        only = f" (with {' or '.join(f'`{kind}`' for kind in key.kinds)})" if key.kinds else ""
        lines.append(f"| `{key.path}` | {key.meaning}{only} | {example} | {left_out} |")
    return "\n".join(lines) + "\n"
