"""The reference page of the metrics, made from their specifications."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

from blueprint.config.model.metric import Metric, variant_of
from blueprint.config.reasons import reason_of
from blueprint.metrics.problems import PROBLEMS
from blueprint.metrics.specification import Declared, MetricSpec
from blueprint.metrics.specs import SPECS

_HEAD = """\
# Metrics

Every metric of the catalogue. This page is made from the specifications in
`blueprint/metrics/specs.py`; `make docs` writes it again. `labels` may be set on each of them
(challenge-yaml.md); a metric's own keys stand below it.

A value is a row: case, metric, region, value, flag. The region is one that the task
names, or a label by its value where it names none; `mean` stands for the mean over a case's regions
(`labels: mean`). The flag says whether the formula made the value (`ok`) or a policy did:
`both-empty`, `one-empty`, `missing`.
"""


def metrics_page() -> str:
    """Return docs/reference/metrics.md."""
    return "\n".join((_HEAD, *(line for spec in SPECS for line in _section(spec))))


def _section(spec: MetricSpec) -> Iterator[str]:
    yield f"## {spec.title}"
    yield ""
    yield spec.defined(spec.parameters())
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, value in _facts(spec):
        yield f"| {name} | {value} |"
    yield ""
    if own := list(_own_keys(spec)):
        yield "| key | meaning | values | when left out |"
        yield "|---|---|---|---|"
        for name, info in own:
            left_out = reason_of("", info)
            default = "" if info.default is None else f"`{info.default}`: "
            yield f"| `{name}` | {info.description} | {_values(info)} | {default}{left_out} |"
        yield ""


def _facts(spec: MetricSpec) -> Iterator[tuple[str, str]]:
    unit = f" {spec.unit}" if spec.unit else ""
    low, high = spec.bounds.low, spec.bounds.high
    yield "in challenge.yaml", f"`{{id: {spec.id}}}`"
    yield "fits", ", ".join(spec.problems)
    yield "better", "higher" if spec.higher_is_better else "lower"
    lowest = "no lower bound" if low is None else f"from {low:g}{unit}"
    highest = "no upper bound" if high is None else f"to {high:g}{unit}"
    yield "values", f"{lowest}, {highest}"
    yield "missing case", _worst(spec)
    for problem in spec.problems:
        words, policy = PROBLEMS[problem], spec.on_empty
        yield words.both_empty.lower(), policy.both
        yield words.reference_empty.lower(), policy.reference
        yield words.prediction_empty.lower(), policy.prediction
    yield "source", spec.source
    yield "revision", str(spec.revision)


def _worst(spec: MetricSpec) -> str:
    if not isinstance(spec.worst, Declared):
        return f"the worst value, {spec.worst:g}"
    words = {name: text for one in spec.problems for name, text in PROBLEMS[one].worst.items()}
    choices = " or ".join(f"`worst: {name}`, {words[name]}" for name in spec.worst.choices)
    return f"the worst value, which the challenge declares: {choices}"


def _own_keys(spec: MetricSpec) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in variant_of(spec).model_fields.items():
        if name not in Metric.model_fields:
            yield name, info


def _values(info: FieldInfo) -> str:
    return ", ".join(f"`{value}`" for value in _literals(info.annotation)) or "see the meaning"


def _literals(annotation: Any) -> Iterator[object]:  # noqa: ANN401 (any type form)
    for argument in get_args(annotation):
        if isinstance(argument, str | int | float):
            yield argument
        else:
            yield from _literals(argument)
