"""Reads YAML that anybody may have written: bounded in size, depth and time, with positions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from blueprint.config.faults import ConfigFaults, Fault, shown
from blueprint.config.locate import Document, KeyPath, Span, path_text
from blueprint.config.yaml_text import decode


@dataclass(frozen=True)
class YamlLimits:
    """How much a YAML file may hold."""

    max_bytes: int = 1024 * 1024
    max_depth: int = 64
    max_nodes: int = 20_000
    """Values, lists and mappings, each use of an alias counted with all that it stands for."""


_DEFAULT_LIMITS = YamlLimits()

# PyYAML's types are for both parsers; the one in C is about 20 times as fast and bounded alike.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# The YAML 1.2 core schema: no moments, no `yes` and `no`, no numbers in base 60.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")


def read_yaml(data: bytes, *, file: str, limits: YamlLimits = _DEFAULT_LIMITS) -> Document:
    """Return the one YAML document in `data`.

    Args:
        data: The bytes of the file.
        file: Its name as messages show it.
        limits: Whatever exceeds them is refused before it costs anything.

    Raises:
        ConfigFaults: The text is not YAML, exceeds a limit, repeats a key, or uses a tag.
    """
    document, faults = parse_yaml(data, file=file, limits=limits)
    if faults:
        raise ConfigFaults(faults)
    return document


def parse_yaml(
    data: bytes, *, file: str, limits: YamlLimits = _DEFAULT_LIMITS
) -> tuple[Document, list[Fault]]:
    """Return the YAML document in `data`, and the faults that leave the rest of it readable.

    Raises:
        ConfigFaults: Reading cannot go on: it is not YAML, or exceeds a limit.
    """
    text = decode(data, file=file, max_bytes=limits.max_bytes)
    composer = _Composer(text, file, limits)
    try:
        value = composer.document()
    except yaml.MarkedYAMLError as error:
        raise ConfigFaults([*composer.faults, _syntax_fault(error, file)]) from None
    except _RefusedError as error:
        raise ConfigFaults([*composer.faults, error.fault]) from None
    except ValueError:
        # The parser in Python meets an escape such as "\U00110000" unprepared.
        hint = "look for a backslash in quotes that names no character"
        problem = "this is not YAML: no such character"
        raise ConfigFaults([*composer.faults, Fault(file, 1, 1, "", problem, hint)]) from None
    return Document(file, text, value, composer.names, composer.values), composer.faults


class _RefusedError(Exception):
    """Reading cannot go on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass
class _Composer:
    """Makes values out of parser events, and notes where each came from."""

    text: str
    file: str
    limits: YamlLimits
    faults: list[Fault] = field(default_factory=list)
    names: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)
    lists: set[KeyPath] = field(default_factory=set)
    nodes: int = 0
    anchors: dict[str, tuple[object, int]] = field(default_factory=dict)

    def document(self) -> object:
        """Return the value of the only document."""
        self.events: Iterator[yaml.Event] = iter(yaml.parse(self.text, Loader=_PARSER))
        next(self.events)
        next(self.events)
        value = self._node(next(self.events), ())
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refusal(
                after, "a second YAML document begins here", "keep one document a file"
            )
        return value

    def _node(self, event: yaml.Event, path: KeyPath) -> object:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        self._count(event, 1)
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            written = str(tag).replace("tag:yaml.org,2002:", "!!")
            self._note(event, path, f"the tag {shown(written)} is not accepted", "delete the tag")
        before = self.nodes
        value, last = self._value(event, path)
        self.values[path] = _span(event, last)
        anchor: str | None = getattr(event, "anchor", None)
        if anchor is not None:
            self.anchors[anchor] = (value, self.nodes - before + 1)
        return value

    def _value(self, event: yaml.Event, path: KeyPath) -> tuple[object, yaml.Event]:
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style in (None, "")
            return (_resolve(event.value) if plain else event.value), event
        if len(path) >= self.limits.max_depth:
            deep = f"nested deeper than {self.limits.max_depth} levels"
            raise self._refusal(event, deep, "flatten this part")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: KeyPath) -> tuple[object, yaml.Event]:
        items: list[object] = []
        self.lists.add(path)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            here = (*path, len(items))
            self.names[here] = _span(event, event)
            items.append(self._node(event, here))
        return items, event

    def _mapping(self, path: KeyPath) -> tuple[object, yaml.Event]:
        mapping: dict[object, object] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event, path)
            here = (*path, key)
            repeated = key in mapping
            if repeated:
                first = self.names[here].line
                self._note(
                    event, here, f"this key is given twice, first in line {first}",
                    "keep one of the two",
                )  # fmt: skip
                # The second value is read, then dropped; its places must not hide the first's.
                here = (*path, f"{key} (again)")
            else:
                self.names[here] = _span(event, event)
            value = self._node(next(self.events), here)
            mapping.setdefault(key, value)
        return mapping, event

    def _key(self, event: yaml.Event, path: KeyPath) -> str | int:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refusal(
                event, "a key must be a word or a whole number", "write `key: value`"
            )
        if event.value == "<<":
            here = (*path, "<<")
            self._note(event, here, "merge keys are not accepted", "write the keys out")
        key = _resolve(event.value) if event.style in (None, "") else event.value
        return key if isinstance(key, int) and not isinstance(key, bool) else event.value

    def _alias(self, event: yaml.AliasEvent, path: KeyPath) -> object:
        if str(event.anchor) not in self.anchors:
            problem = f"no anchor {shown(event.anchor)} is defined above"
            raise self._refusal(event, problem, "write the value out")
        value, weight = self.anchors[str(event.anchor)]
        self._count(event, weight)
        self.values[path] = _span(event, event)
        return value

    def _count(self, event: yaml.Event, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > self.limits.max_nodes:
            many = f"more than {self.limits.max_nodes:,} values, aliases counted in full"
            raise self._refusal(
                event, many, "shorten the file; write values out instead of aliases"
            )

    def _note(self, event: yaml.Event, path: KeyPath, problem: str, hint: str) -> None:
        span = _span(event, event)
        where = path_text(path, is_list=self.lists.__contains__)
        self.faults.append(Fault(self.file, span.line, span.column, where, problem, hint))

    def _refusal(self, event: yaml.Event, problem: str, hint: str) -> "_RefusedError":
        span = _span(event, event)
        return _RefusedError(Fault(self.file, span.line, span.column, "", problem, hint))


def _resolve(text: str) -> object:
    """Return what an unquoted scalar means."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _span(first: yaml.Event, last: yaml.Event) -> Span:
    start, end = first.start_mark, last.end_mark
    if start is None or end is None:  # the parsers always set both
        return Span(1, 1, 0, 0)
    return Span(start.line + 1, start.column + 1, start.index, end.index)


_NOT_CLOSED = re.compile(r"expected ',' or '[\]}]'")
_IN_WORDS = {
    "mapping values are not allowed": "a second `: ` in this value",
    "found unexpected end of stream": "a quote is not closed",
    "could not find expected ':'": "a key without `:`",
    "cannot start any token": "a value begins with a sign that YAML reserves",
    "did not find expected key": "this line fits neither the one above nor its indentation",
    "did not find expected '-'": "this line fits neither the one above nor its indentation",
    "block sequence entries are not allowed": "a list item cannot begin here",
}
"""What the parsers say, in words that do not depend on which of them it was."""


def _syntax_fault(error: yaml.MarkedYAMLError, file: str) -> Fault:
    said = error.problem or error.context or ""
    mark, words = error.problem_mark or error.context_mark, said
    if _NOT_CLOSED.search(said) and error.context_mark:
        mark, words = error.context_mark, "this bracket is not closed, or a comma is missing in it"
    words = next((ours for theirs, ours in _IN_WORDS.items() if theirs in said), words)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Fault(
        file, line, column, "", f"this is not YAML: {words}",
        "look here and at the line above: quotes, brackets, `key: value`, indentation",
    )  # fmt: skip
