"""What differs between two plans, key by key, in the words of challenge.yaml."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from blueprint.plan.plan import Plan

_MAX_SHOWN = 60


@dataclass(frozen=True)
class Change:
    """One key that differs; None stands for absent."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """`phases.final.limits.total: 1 -> 2`, or that the key was added or removed."""
        if self.before is None:
            return f"{self.path}: added ({self.after})"
        if self.after is None:
            return f"{self.path}: removed"
        return f"{self.path}: {self.before} -> {self.after}"


def changes(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Return every key whose value differs, in the order of challenge.yaml.

    Items of a list that have ids are matched by id, so that a phase inserted in front does not
    make every later phase look changed.
    """
    found = list(differences("", before.challenge, after.challenge))
    if before.software != after.software:
        found.append(Change("diychallenge", before.software, after.software))
    return tuple(found)


def differences(path: str, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401
    """Yield every key below `path` at which two JSON values differ."""
    before, after = _by_id(before), _by_id(after)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(key for key in before if key not in after)]:
            below = f"{path}.{key}" if path else str(key)
            if key not in before:
                yield Change(below, None, _shown(after[key]))
            elif key not in after:
                yield Change(below, _shown(before[key]), None)
            else:
                yield from differences(below, before[key], after[key])
    elif before != after:
        yield Change(path, _shown(before), _shown(after))


def _by_id(value: Any) -> Any:  # noqa: ANN401
    """Return a list whose items all have ids as a mapping from id to item."""
    if isinstance(value, list) and value and all(_has_id(item) for item in value):
        return {item["id"]: item for item in value}
    return value


def _has_id(item: object) -> bool:
    return isinstance(item, dict) and "id" in item


def _shown(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "none"
    if isinstance(value, dict):
        named = value.get("title") or value.get("id") or ", ".join(str(key) for key in value)
        return str(named)[:_MAX_SHOWN]
    if isinstance(value, list):
        return ("[" + ", ".join(_shown(item) for item in value) + "]")[:_MAX_SHOWN]
    return str(value)[:_MAX_SHOWN]
