"""The words a model knows: every key of it as a pattern, `phases.*.limits.per_day`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

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

    def keys_at(self, pattern: Pattern) -> tuple[str, ...]:
        """Return the keys that the mapping at `pattern` may have, in the model's order."""
        known = (key for key, _ in fields_of(self.model))
        return tuple(key[-1] for key in known if key[:-1] == pattern)


def fields_of(model: type[BaseModel]) -> Iterator[tuple[Pattern, FieldInfo]]:
    """Yield every key below `model` with its field; a section's own key comes before its keys."""
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
        for inner, section in _sections(info.annotation, here):
            yield from _fields_of(section, inner)


def _sections(annotation: Any, at: Pattern) -> Iterator[tuple[Pattern, type[BaseModel]]]:  # noqa: ANN401 (any type form)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield at, annotation
        return
    inside = (*at, "*") if get_origin(annotation) in (tuple, list) else at
    for argument in get_args(annotation):
        yield from _sections(argument, inside)


def pattern_of(document: Document, path: KeyPath) -> Pattern:
    """Return the pattern of a path: list positions become `*`."""
    return tuple(
        "*" if isinstance(document.at(path[:length]), list) else str(part)
        for length, part in enumerate(path)
    )
