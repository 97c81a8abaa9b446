"""The words a model knows: every key of it as a pattern, `phases.*.limits.per_day`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from blueprint.config.locate import Document, KeyPath

Pattern = tuple[str, ...]
"""A path with `*` for any list item."""


@dataclass(frozen=True)
class Later:
    """A word of the vocabulary that nothing in force uses yet."""

    instead: str
    """What to do until then."""


@dataclass(frozen=True)
class Vocabulary:
    """What surrounds a model when its faults are put into words."""

    model: type[BaseModel]
    help: Callable[[Pattern], str]
    """The next step where a key is written wrongly, such as an example of it."""
    later_keys: Mapping[Pattern, Later] = field(default_factory=dict)
    later_values: Mapping[Pattern, Mapping[str, Later]] = field(default_factory=dict)

    def keys_at(self, pattern: Pattern, variant: str | None = None) -> tuple[str, ...]:
        """Return the keys that the mapping at `pattern` may have, in the model's order.

        Args:
            pattern: Where the mapping stands.
            variant: Where there are several kinds of mapping: what makes it one of a kind.
        """
        found = [section for at, section in sections_of(self.model) if at == pattern]
        chosen = [section for section in found if variant in _kinds(section)] or found
        keys = [info.alias or name for one in chosen for name, info in one.model_fields.items()]
        return tuple(dict.fromkeys(keys))


def fields_of(model: type[BaseModel]) -> Iterator[tuple[Pattern, FieldInfo]]:
    """Yield every key below `model` with its field; a section's own key comes before its keys.

    Where a mapping may be of several kinds, only the keys that all of them share.
    """
    yield from _fields_of(model, ())


def sections_of(model: type[BaseModel]) -> Iterator[tuple[Pattern, type[BaseModel]]]:
    """Yield `model` and every section below it with the pattern of where it stands."""
    yield (), model
    for pattern, info in fields_of(model):
        yield from _sections(info.annotation, pattern)


def _fields_of(model: type[BaseModel], at: Pattern) -> Iterator[tuple[Pattern, FieldInfo]]:
    for name, info in model.model_fields.items():
        here = (*at, info.alias or name)
        yield here, info
        kinds: dict[Pattern, list[dict[Pattern, FieldInfo]]] = {}
        for inner, section in _sections(info.annotation, here):
            kinds.setdefault(inner, []).append(dict(_fields_of(section, inner)))
        for first, *others in kinds.values():
            shared = (key for key in first if all(key in other for other in others))
            yield from ((key, first[key]) for key in shared)


def _kinds(section: type[BaseModel]) -> set[object]:
    """Return the values that a section's keys must have where there is only one."""
    fields = section.model_fields.values()
    only = (get_args(info.annotation) for info in fields if get_origin(info.annotation) is Literal)
    return {values[0] for values in only if len(values) == 1}


def _sections(annotation: Any, at: Pattern) -> Iterator[tuple[Pattern, type[BaseModel]]]:  # noqa: ANN401 (any type form)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield at, annotation
        return
    inside = (*at, "*") if get_origin(annotation) in (tuple, list, dict) else at
    for argument in get_args(annotation):
        yield from _sections(argument, inside)


@cache
def _named_mappings(model: type[BaseModel]) -> frozenset[Pattern]:
    """Return where the file chooses the keys: the mappings whose values are sections."""
    return frozenset(pattern[:-1] for pattern, _ in sections_of(model) if pattern[-1:] == ("*",))


def pattern_of(document: Document, path: KeyPath, model: type[BaseModel]) -> Pattern:
    """Return the pattern of a path: list positions and keys that the file chooses become `*`."""
    pattern: Pattern = ()
    for length, part in enumerate(path):
        is_any = isinstance(document.at(path[:length]), list) or pattern in _named_mappings(model)
        pattern = (*pattern, "*" if is_any else str(part))
    return pattern
