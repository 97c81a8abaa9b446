"""Puts what pydantic finds into our words: place, value, rule, next step."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from blueprint.config.faults import Fault, shown
from blueprint.config.locate import Document, KeyPath
from blueprint.config.model.base import PATTERN_WORDS
from blueprint.config.suggest import did_you_mean
from blueprint.config.vocabulary import Later, Pattern, Vocabulary, pattern_of

_IN_QUOTES = re.compile(r"'([^']*)'|\b(\d+)\b")
_UNION_TAGS = ("union_tag_invalid", "union_tag_not_found")


def translate(
    errors: Sequence[ErrorDetails], document: Document, vocabulary: Vocabulary
) -> Iterator[Fault]:
    """Yield one fault for each error that stands for itself."""
    places = [(_written_path(document, error), error) for error in errors]
    for path, error in places:
        # pydantic calls a tuple too short when an item of it is bad: the item's fault says all.
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other, _ in places)
        if not (error["type"] == "too_short" and deeper):
            yield _Translation(document, vocabulary, path, error).fault()


def _written_path(document: Document, error: ErrorDetails) -> KeyPath:
    """Return the error's place without the marks that pydantic adds for unions and keys."""
    path: KeyPath = ()
    last = len(error["loc"]) - 1
    for index, part in enumerate(error["loc"]):
        node = document.at(path)
        absent = index == last and error["type"] == "missing"
        is_key = isinstance(node, dict) and (part in node or absent)
        is_item = isinstance(node, list) and isinstance(part, int)
        if is_key or is_item:
            path = (*path, part)
    return (*path, _discriminator(error)) if error["type"] in _UNION_TAGS else path


def _discriminator(error: ErrorDetails) -> str:
    """Return the key that says of which kind a mapping is."""
    return str(error["ctx"]["discriminator"]).strip("'")


@dataclass(frozen=True)
class _Translation:
    """One error on its way into words."""

    document: Document
    vocabulary: Vocabulary
    path: KeyPath
    error: ErrorDetails

    def fault(self) -> Fault:
        """Return the error as a fault."""
        kind = self.error["type"]
        if kind in ("missing", "union_tag_not_found"):
            return self._missing()
        if kind in ("extra_forbidden", "invalid_key"):
            return self._unknown()
        later = self._later_value()
        if later is not None:
            problem = f"{shown(self._value)} is not in this version"
            return self._fault(problem, rule="not in this version", hint=later.instead)
        is_key = self.error["loc"][-1:] == ("[key]",)
        value = self.path[-1] if is_key else self._value
        said = _WORDS.get(kind, _as_it_is)(value, self._context)
        if is_key:
            problem = f"the key {shown(value)} {said.what}"
            return self._fault(problem, rule=said.rule, hint=said.hint or self._help)
        return self._fault(
            f"{shown(self._value)} {said.what}",
            rule=said.rule,
            hint=said.hint or self._help,
        )

    @property
    def _context(self) -> dict[str, Any]:
        """What the rule was, with the keys of the mapping that may stand there in its place."""
        keys = self.vocabulary.keys_at(self._pattern(self.path))
        form = f"{{{', '.join(f'{key}: ...' for key in keys)}}}" if keys else ""
        return {**(self.error.get("ctx") or {}), _FORM: form}

    @property
    def _value(self) -> object:
        return self.document.at(self.path)

    @property
    def _help(self) -> str:
        return self.vocabulary.help(self._pattern(self.path))

    def _pattern(self, path: KeyPath) -> Pattern:
        return pattern_of(self.document, path, self.vocabulary.model)

    def _missing(self) -> Fault:
        return self.document.fault(
            self.path,
            "this key is missing",
            hint=f"add it here; {self._help}",
            rule="required",
            inside=True,
        )

    def _unknown(self) -> Fault:
        key, parent = self.path[-1], self._pattern(self.path[:-1])
        later = self.vocabulary.later_keys.get((*parent, str(key)))
        if later is not None:
            rule = "no secret in this file" if later.is_secret else "not in this version"
            value = None if later.is_secret else self._value
            return self.document.fault(
                self.path, later.problem, hint=later.instead, value=value, rule=rule
            )
        variant = self._variant
        known = self.vocabulary.keys_at(parent, variant)
        problem = f"unknown key{did_you_mean(key, known)}"
        if variant is not None and key in self.vocabulary.keys_at(parent):
            problem = f"{variant} has no such key"
        return self._fault(
            problem,
            rule="unknown key",
            hint=f"the keys here are {', '.join(known)}" if known else self._help,
        )

    @property
    def _variant(self) -> str | None:
        """Of which kind the mapping around this key is, where there are several."""
        parts = self.error["loc"][-2:-1]
        is_kind = bool(parts) and parts != self.path[-2:-1]
        return str(parts[0]) if is_kind else None

    def _later_value(self) -> Later | None:
        values = self.vocabulary.later_values.get(self._pattern(self.path), {})
        value = self._value
        if isinstance(value, dict):
            return values.get("{}")
        return values.get(value) if isinstance(value, str) else None

    def _fault(self, problem: str, *, rule: str | None, hint: str) -> Fault:
        return self.document.fault(self.path, problem, hint=hint, value=self._value, rule=rule)


@dataclass(frozen=True)
class _Said:
    what: str
    """Follows the value in the sentence."""
    rule: str
    hint: str | None = None


_Context = dict[str, Any]
_FORM = "form"


def _as_it_is(_value: object, context: _Context) -> _Said:
    text = str(context.get("error", "does not fit"))
    return _Said(text, text)


def _text(value: object, _context: _Context) -> _Said:
    if isinstance(value, dict | list) or value is None:
        return _Said("stands where text is expected", "text")
    return _Said("is not text: put it in quotes", "text", f"write it as '{value}', in quotes")


def _one_of(value: object, context: _Context) -> _Said:
    known = [quoted or number for quoted, number in _IN_QUOTES.findall(context["expected"])]
    form = context[_FORM]
    listed = ", ".join(known) + (f", {form}" if form else "")
    rule = f"one of {listed}" if len(known) > 1 else listed
    if value in known:
        return _Said("is text: it must be a number", rule, f"write {value} without quotes")
    what = f"is not {rule}" if len(known) > 1 else f"is not accepted: only {rule} is"
    return _Said(f"{what}{did_you_mean(value, known)}", rule)


def _kind(value: object, context: _Context) -> _Said:
    known = [quoted for quoted, _ in _IN_QUOTES.findall(context["expected_tags"])]
    meant = did_you_mean(value, known)
    what = f"is not known here{meant}" if meant else f"is not one of {', '.join(known)}"
    return _Said(what, f"one of {', '.join(known)}")


def _pattern(_value: object, context: _Context) -> _Said:
    words = PATTERN_WORDS.get(context["pattern"], f"text such as {context['pattern']}")
    return _Said(f"is not {words}", words)


def _bound(word: str, key: str) -> Any:  # noqa: ANN401 (a function of this module's kind)
    def said(_value: object, context: _Context) -> _Said:
        rule = f"at {'least' if word == 'small' else 'most'} {context[key]}"
        return _Said(f"is too {word}: {rule}", rule)

    return said


def _entries(_value: object, context: _Context) -> _Said:
    least, most = context.get("min_length"), context.get("max_length")
    rule = f"at least {least}" if least is not None else f"at most {most}"
    count = context.get("actual_length")
    return _Said(f"with {count} entries: {rule} expected", rule)


def _expects(what: str) -> Any:  # noqa: ANN401 (a function of this module's kind)
    return lambda _value, _context: _Said(f"stands where {what} is expected", what)


_WORDS = {
    "string_type": _text,
    "int_type": _expects("a whole number"),
    "bool_type": _expects("true or false"),
    "literal_error": _one_of,
    "union_tag_invalid": _kind,
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda _value, _context: _Said("is empty", "not empty"),
    "string_too_long": lambda _value, context: _Said(
        f"is too long: at most {context['max_length']} characters", "shorter"
    ),
    "greater_than_equal": _bound("small", "ge"),
    "less_than_equal": _bound("large", "le"),
    "too_short": _entries,
    "too_long": _entries,
    "model_type": _expects("a mapping (`key: value` lines)"),
    "model_attributes_type": _expects("a mapping (`key: value` lines)"),
    "dict_type": _expects("a mapping (`key: value` lines)"),
    "tuple_type": _expects("a list"),
    "value_error": _as_it_is,
}
