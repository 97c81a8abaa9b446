"""Hostile texts in challenge.yaml mean nothing in the files that a bundle is made of."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.bundles import HOSTILE, bundle_of, stacks_of

_MARKS = ("$(id)", "lookup('pipe'", "</script>")


def test_hostile_texts_change_no_stack(bundle_folder: Path) -> None:
    """The hosts of `gpus` and `hostile` are the same; only free texts differ."""
    mild, hostile = (stacks_of(name, bundle_folder) for name in ("gpus", "hostile"))
    assert hostile == mild


def test_hostile_texts_are_nowhere_but_where_people_read_them(bundle_folder: Path) -> None:
    files = bundle_of("hostile", bundle_folder)
    found = {path for path, text in files.items() if any(mark in text for mark in _MARKS)}
    read_by_people = {path for path in found if "/project/" in path}
    assert found - read_by_people <= {"README.md", "plan.json"}
    assert HOSTILE in next(iter(text for path, text in files.items() if path.endswith("index.md")))


def test_playbook_and_inventory_hold_no_template_of_theirs(bundle_folder: Path) -> None:
    files = bundle_of("hostile", bundle_folder)
    texts = {
        text
        for path in ("site.yml", "inventory.yml")
        for text in _texts(yaml.safe_load(files[path]))
        if "{{" in text or "{%" in text
    }
    assert texts == {"{{ inventory_dir | dirname }}/secrets"}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _texts(key)
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)
    elif isinstance(value, str):
        yield value
