"""The templates, stacks and roles that travel with the program, read into memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blueprint import resources


@dataclass(frozen=True)
class Sources:
    """What bundles are made of: the text of each file by its path in its folder."""

    templates: Mapping[str, str]
    compose: Mapping[str, str]
    roles: Mapping[str, str]


def load_sources() -> Sources:
    """Return what this version ships."""
    return Sources(*(_texts(resources.source_folder(name)) for name in (
        "templates", "compose", "roles")))  # fmt: skip


def _texts(folder: Path) -> dict[str, str]:
    """Return every file below a folder, in a fixed order; hidden and compiled ones are nobody's."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    inside = ((path.relative_to(folder), path) for path in paths)
    return {
        where.as_posix(): path.read_text(encoding="utf-8")
        for where, path in inside
        if "__pycache__" not in where.parts and not where.name.startswith(".")
    }
