"""Says what is in force without being written: defaults with reasons, moments in UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from pydantic import BaseModel

from blueprint.clock import to_text
from blueprint.config import units
from blueprint.config.model import Challenge, Metric, RankStep
from blueprint.config.reasons import reason_of


@dataclass(frozen=True)
class Default:
    """A key that the file leaves out, with the value in force."""

    path: str
    value: str
    reason: str


@dataclass(frozen=True)
class Instant:
    """A moment that the file names."""

    path: str
    moment: datetime


def explain(challenge: Challenge) -> list[str]:
    """Return the lines that `check --explain` prints."""
    instants, defaults = instants_of(challenge), defaults_of(challenge)
    lines = ["Every moment, in UTC:"]
    wide = max(len(one.path) for one in instants)
    lines += [f"  {one.path:{wide}}  {to_text(one.moment)}" for one in instants]
    if not defaults:
        return [*lines, "Every key is written out: no default is in force."]
    lines.append("Defaults in force, as the file leaves these keys out:")
    wide = max(len(f"{one.path}: {one.value}") for one in defaults)
    lines += [f"  {f'{one.path}: {one.value}':{wide}}  # {one.reason}" for one in defaults]
    return lines


def summary(challenge: Challenge) -> list[str]:
    """Return what `check` prints of a sound challenge, a line each."""
    about = challenge.challenge
    lines = [f"{about.id}: {about.title} (contact {about.contact}, time zone {about.timezone})"]
    for task in challenge.tasks:
        metrics = ", ".join(metric.id for metric in task.metrics)
        labels = ", ".join(f"{value} {name}" for value, name in task.labels.items())
        regions = f", regions {', '.join(task.regions)}" if task.regions else ""
        lines.append(f"task {task.id}: {task.problem}, labels {labels}{regions}, metrics {metrics}")
    for phase in challenge.phases:
        kinds = " or ".join(phase.submission)
        span = f"{to_text(phase.opens)} to {to_text(phase.closes)}"
        lines.append(f"phase {phase.id}: {phase.task}, {phase.cases} cases, {kinds}, {span}")
    for release in challenge.data.releases:
        opens = to_text(release.opens)
        lines.append(f"release {release.id}: {release.path} {release.version}, from {opens}")
    return lines


def defaults_of(challenge: Challenge) -> list[Default]:
    """Return every default in force, down to single values, in the order of the vocabulary."""
    return list(_defaults(challenge, "", "", left_out=False))


def instants_of(challenge: Challenge) -> list[Instant]:
    """Return every moment of the challenge, in the order of the vocabulary."""
    return list(_instants(challenge, ""))


def _defaults(section: BaseModel, path: str, pattern: str, *, left_out: bool) -> Iterator[Default]:
    for name, here, generic in _keys(section, path, pattern):
        value, is_default = _in_force(section, name), name not in section.model_fields_set
        is_default = is_default or left_out
        if value is _MEANINGLESS:
            continue
        if isinstance(value, BaseModel):
            yield from _defaults(value, here, generic, left_out=is_default)
        elif is_default:
            info = type(section).model_fields[name]
            yield Default(here, _written(name, value), reason_of(generic, info))
        else:
            for item, where in _items(value, here):
                yield from _defaults(item, where, f"{generic}.*", left_out=False)


_MEANINGLESS = object()


def _in_force(section: BaseModel, name: str) -> object:
    """Return the value that counts for a key, `_MEANINGLESS` where the key says nothing."""
    value: object = getattr(section, name)
    if isinstance(section, Metric) and name == "worst" and value is None:
        return _MEANINGLESS
    if isinstance(section, RankStep) and name in ("over", "within", "ties"):
        return value if (name == "over") == (section.op == "mean") else _MEANINGLESS
    return value


def _instants(section: BaseModel, path: str) -> Iterator[Instant]:
    for name, here, _ in _keys(section, path, ""):
        value = getattr(section, name)
        if isinstance(value, datetime):
            yield Instant(here, value)
        elif isinstance(value, BaseModel):
            yield from _instants(value, here)
        else:
            for item, where in _items(value, here):
                yield from _instants(item, where)


def _items(value: object, path: str) -> Iterator[tuple[BaseModel, str]]:
    """Yield the sections in a list or a mapping with their paths."""
    if isinstance(value, tuple):
        items = ((item, f"{path}[{index}]") for index, item in enumerate(value))
    elif isinstance(value, dict):
        items = ((item, f"{path}.{key}") for key, item in value.items())
    else:
        return
    yield from ((item, where) for item, where in items if isinstance(item, BaseModel))


def _keys(section: BaseModel, path: str, pattern: str) -> Iterator[tuple[str, str, str]]:
    """Yield field name, path and pattern of every key of a section."""
    for name, info in type(section).model_fields.items():
        key = info.alias or name
        yield name, f"{path}.{key}".lstrip("."), f"{pattern}.{key}".lstrip(".")


def _written(name: str, value: object) -> str:
    """Return a value as challenge.yaml would write it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) and name.endswith("_mib"):
        return units.mebibytes_text(value)
    if isinstance(value, int) and name.endswith("_s"):
        return units.seconds_text(value)
    if isinstance(value, PurePosixPath | str | int):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {item}' for key, item in value.items())}}}"
    items = value if isinstance(value, tuple) else ()
    return f"[{', '.join(str(item) for item in items)}]"
