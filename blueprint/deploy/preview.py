"""What `plan` shows before a deploy: lines for people, a document for scripts, and a verdict."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preview:
    """What a deploy would do."""

    lines: tuple[str, ...]
    document: dict[str, Any]
    has_changes: bool
