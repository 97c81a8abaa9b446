"""Writes a new challenge.yaml: the documented example with an organizer's answers in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from blueprint.config import units
from blueprint.config.faults import ConfigFaults
from blueprint.config.load import parse_challenge
from blueprint.config.locate import Document, KeyPath
from blueprint.config.reference import read_example
from blueprint.config.yaml_reader import read_yaml


@dataclass(frozen=True)
class Answers:
    """What `init` asks; everything else stands in the example."""

    id: str
    title: str
    contact: str
    timezone: str = "UTC"
    organizer: str = "Imaging Group"
    institution: str = "Example University Hospital"
    address: str = "127.0.0.1"
    http: int = 8080
    sftp: int = 2022
    phase_days: int = 90
    """How long the first phase lasts."""


def render_challenge_yaml(answers: Answers, now: datetime) -> str:
    """Return a complete, commented challenge.yaml with dates around `now`.

    Registration, data and the first phase are open at `now`; the final phase follows it.

    Raises:
        ConfigFaults: An answer is nothing that challenge.yaml may say.
    """
    text = with_values(read_example(), {**_facts(answers), **_dates(answers, now)})
    text = without_section(read_yaml(text.encode(), file="challenge.yaml"), "server")
    parse_challenge(text.encode(), file="challenge.yaml")
    return text


def with_values(document: Document, values: Mapping[KeyPath, object]) -> str:
    """Return the text of a document with the values at some paths replaced.

    Comments stay where they are, and in their column where there is room.

    Raises:
        KeyError: The document has no value at one of the paths.
    """
    text = document.text
    spans = sorted(((document.values[path], value) for path, value in values.items()), key=_last)
    for span, value in spans:
        written, tail = _yaml(value), text[span.end :]
        padding = len(tail) - len(tail.lstrip(" "))
        if padding and tail.lstrip(" ").startswith("#"):
            width = max(2, span.end + padding - span.start - len(written))
            tail = " " * width + tail.lstrip(" ")
        text = text[: span.start] + written + tail
    return text


def without_section(document: Document, name: str) -> str:
    """Return the text of a document without one of its top-level sections, if it has it."""
    if (name,) not in document.names:
        return document.text
    tops = sorted(span.start for path, span in document.names.items() if len(path) == 1)
    start = document.names[name,].start
    end = next((one for one in tops if one > start), len(document.text))
    return document.text[:start] + document.text[end:]


def _last(entry: tuple[object, object]) -> int:
    # From the end to the beginning, so that the offsets still to come stay right.
    return -int(getattr(entry[0], "start", 0))


def _facts(answers: Answers) -> dict[KeyPath, object]:
    return {
        ("challenge", "id"): answers.id,
        ("challenge", "title"): answers.title,
        ("challenge", "contact"): answers.contact,
        ("challenge", "timezone"): answers.timezone,
        ("challenge", "organizers", 0, "name"): answers.organizer,
        ("challenge", "organizers", 0, "institution"): answers.institution,
        ("embedded", "address"): answers.address,
        ("embedded", "http"): answers.http,
        ("embedded", "sftp"): answers.sftp,
    }


def _dates(answers: Answers, now: datetime) -> dict[KeyPath, object]:
    # Yesterday, in whatever zone: what opens then is open now, even seconds after midnight.
    try:
        today = now.astimezone(units.parse_zone(answers.timezone)).date()
    except ValueError:
        today = now.date()  # the zone is at fault, which is said where the answers are checked
    opens, closes = today - timedelta(days=1), today + timedelta(days=answers.phase_days)
    final = closes + timedelta(days=1)
    return {
        ("people", "registration", "opens"): opens.isoformat(),
        ("people", "registration", "closes"): closes.isoformat(),
        ("data", "releases", 0, "opens"): opens.isoformat(),
        ("data", "releases", 1, "opens"): opens.isoformat(),
        ("phases", 0, "opens"): opens.isoformat(),
        ("phases", 0, "closes"): closes.isoformat(),
        ("phases", 1, "opens"): final.isoformat(),
        ("phases", 1, "board", "visible", "from"): (final + timedelta(days=21)).isoformat(),
        ("phases", 1, "closes"): f"{(final + timedelta(days=14)).isoformat()} 23:59 AoE",
    }


def _yaml(value: object) -> str:
    """Return a number or text as YAML that reads back as the same."""
    if isinstance(value, int):
        return str(value)
    text = str(value)
    try:
        plain = read_yaml(f"key: {text}".encode(), file="").value == {"key": text}
    except ConfigFaults:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)
