"""The parts of a challenge.yaml that are sound by themselves, so that all faults come at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from blueprint.config.locate import Document, KeyPath
from blueprint.config.model import About, Agreement, Embedded, Phase, Release, Server, Task
from blueprint.config.model.people import Registration

_MAX_ITEMS = 100
"""No list may be longer: more than that is a fault of its own, and not worth the time."""

_Part = TypeVar("_Part", bound=BaseModel)


@dataclass(frozen=True)
class Draft:
    """A document whose sections may be at fault; checks look at those that are not."""

    document: Document
    context: Mapping[str, object]

    def part(self, path: KeyPath, model: type[_Part]) -> _Part | None:
        """Return the section at `path`, None when it is absent or at fault."""
        raw = self.document.at(path)
        if not isinstance(raw, dict):
            return None
        try:
            return model.model_validate(raw, context=dict(self.context))
        except ValidationError:
            return None

    def parts(self, path: KeyPath, model: type[_Part]) -> Iterator[tuple[KeyPath, _Part]]:
        """Yield the sound sections of the list at `path`, each with its own path."""
        for here in self.items(path):
            part = self.part(here, model)
            if part is not None:
                yield here, part

    def items(self, path: KeyPath) -> Iterator[KeyPath]:
        """Yield the path of each item of the list at `path`, sound or not."""
        raw = self.document.at(path)
        if isinstance(raw, list):
            yield from ((*path, index) for index in range(min(len(raw), _MAX_ITEMS)))

    def ids(self, path: KeyPath) -> list[str]:
        """Return the ids in the list at `path`, of sound and of faulty items alike."""
        ids = (self.document.at((*here, "id")) for here in self.items(path))
        return [one for one in ids if isinstance(one, str)]

    @cached_property
    def about(self) -> About | None:
        """The section `challenge`."""
        return self.part(("challenge",), About)

    @cached_property
    def embedded(self) -> Embedded | None:
        """The section `embedded`, with its defaults where it is absent."""
        return self.part(("embedded",), Embedded) if self._has("embedded") else Embedded()

    @cached_property
    def server(self) -> Server | None:
        """The section `server`."""
        return self.part(("server",), Server)

    @cached_property
    def registration(self) -> Registration | None:
        """The section `people.registration`."""
        return self.part(("people", "registration"), Registration)

    @cached_property
    def tasks(self) -> list[tuple[KeyPath, Task]]:
        """The sound tasks."""
        return list(self.parts(("tasks",), Task))

    @cached_property
    def phases(self) -> list[tuple[KeyPath, Phase]]:
        """The sound phases."""
        return list(self.parts(("phases",), Phase))

    @cached_property
    def releases(self) -> list[tuple[KeyPath, Release]]:
        """The sound releases."""
        return list(self.parts(("data", "releases"), Release))

    @cached_property
    def agreements(self) -> list[tuple[KeyPath, Agreement]]:
        """The sound agreements."""
        return list(self.parts(("people", "agreements"), Agreement))

    def _has(self, key: str) -> bool:
        return self.document.at((key,)) is not None
