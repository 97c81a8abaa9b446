"""Where each value of a YAML document was written, so that a fault can point at it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from blueprint.config.faults import Fault, shown

KeyPath = tuple[str | int, ...]
"""Keys and list positions from the root of a document."""


@dataclass(frozen=True)
class Span:
    """A stretch of the text: where it begins (from 1), and as offsets from 0."""

    line: int
    column: int
    start: int
    end: int


_BEGINNING = Span(1, 1, 0, 0)


@dataclass(frozen=True)
class Document:
    """A YAML document as plain values, with the place of each key, list item and value."""

    file: str
    text: str
    value: object
    """Mappings, lists, str, int, float, bool and None; moments are text."""
    names: Mapping[KeyPath, Span] = field(repr=False)
    """Where an entry is named: its key, or the item itself in a list."""
    values: Mapping[KeyPath, Span] = field(repr=False)
    """Where the value of an entry stands."""

    def at(self, path: Iterable[str | int]) -> object:
        """Return the value at `path`, None when there is none."""
        node = self.value
        for part in path:
            if isinstance(node, dict):
                node = node.get(part)
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                node = node[part]
            else:
                return None
        return node

    def name_span(self, path: KeyPath) -> Span:
        """Return where the entry at `path` is named, or its nearest parent that is written."""
        return self._nearest(self.names, path)

    def value_span(self, path: KeyPath) -> Span:
        """Return where the value at `path` stands, or its nearest parent's."""
        return self._nearest(self.values, path)

    def fault(
        self,
        path: KeyPath,
        problem: str,
        *,
        hint: str,
        value: object = None,
        rule: str | None = None,
        inside: bool = False,
    ) -> Fault:
        """Return a fault that points at `path`.

        Args:
            path: The entry at fault.
            problem: The sentence a person reads.
            hint: The next step.
            value: The value at fault, for scripts.
            rule: The rule it breaks, for scripts.
            inside: Point at the value of the parent, as the entry itself is missing.
        """
        span = self.value_span(path[:-1]) if inside else self.name_span(path)
        quoted = None if value is None else shown(value)
        return Fault(
            self.file, span.line, span.column, self.path_text(path), problem, hint, quoted, rule
        )

    def path_text(self, path: KeyPath) -> str:
        """Return a path as messages write it: `phases[0].limits.per_day`."""
        return path_text(path, is_list=lambda parent: isinstance(self.at(parent), list))

    @staticmethod
    def _nearest(spans: Mapping[KeyPath, Span], path: KeyPath) -> Span:
        for length in range(len(path), -1, -1):
            if path[:length] in spans:
                return spans[path[:length]]
        return _BEGINNING


def path_text(path: KeyPath, *, is_list: Callable[[KeyPath], bool]) -> str:
    """Return a path as messages write it, given which of its parents are lists."""
    text = ""
    for length, part in enumerate(path):
        if is_list(path[:length]):
            text += f"[{part}]"
        else:
            name = shown(str(part))[1:-1]
            text += f".{name}" if text else name
    return text
