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
    problem: str = "this key is not in this version"
    is_secret: bool = False
    """True where the value is nothing that a message may repeat."""


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


@dataclass(frozen=True)
class KnownKey:
    """One key that a model has."""

    pattern: Pattern
    info: FieldInfo
    kinds: tuple[str, ...] = ()
    """Where a mapping may be of several kinds: those that have the key; empty: all of them."""


def keys_of(model: type[BaseModel]) -> Iterator[KnownKey]:
    """Yield every key below `model`, once; a section's own key comes before its keys."""
    yield from _keys_of([model], (), ())


def sections_of(model: type[BaseModel]) -> Iterator[tuple[Pattern, type[BaseModel]]]:
    """Yield `model` and every section below it with the pattern of where it stands."""
    yield from _all_sections(model, ())


def _keys_of(
    models: list[type[BaseModel]], at: Pattern, kinds: tuple[str, ...]
) -> Iterator[KnownKey]:
    """Yield the keys of a mapping that is of one of `models`, and all below them."""
    names = dict.fromkeys(name for one in models for name in one.model_fields)
    for name in names:
        having = [one for one in models if name in one.model_fields]
        only = tuple(kind for one in having for kind in sorted(map(str, _kinds(one))))
        found = kinds if len(having) == len(models) else only
        info = having[0].model_fields[name]
        here = (*at, info.alias or name)
        yield KnownKey(here, info, found)
        below: dict[Pattern, list[type[BaseModel]]] = {}
        for inner, section in _sections(info.annotation, here):
            below.setdefault(inner, []).append(section)
        for inner, sections in below.items():
            yield from _keys_of(sections, inner, found)


def _all_sections(model: type[BaseModel], at: Pattern) -> Iterator[tuple[Pattern, type[BaseModel]]]:
    yield at, model
    for name, info in model.model_fields.items():
        for inner, section in _sections(info.annotation, (*at, info.alias or name)):
            yield from _all_sections(section, inner)


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
