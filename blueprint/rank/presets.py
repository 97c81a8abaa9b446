"""Ranking schemes by name: each is a list of steps that could stand in challenge.yaml."""

from collections.abc import Mapping

from blueprint.config.model.task import RankStep

PRESETS: Mapping[str, tuple[RankStep, ...]] = {
    "per-case-ranks": (
        RankStep(op="rank", within=("case", "metric"), ties="mean"),
        RankStep(op="mean", over=("case", "metric")),
        RankStep(op="rank", ties="min"),
    ),
    "mean-of-ranks": (
        RankStep(op="mean", over=("case",)),
        RankStep(op="rank", within=("metric",), ties="min"),
        RankStep(op="mean", over=("metric",)),
        RankStep(op="rank", ties="min"),
    ),
}


def steps_of(ranking: str | tuple[RankStep, ...]) -> tuple[RankStep, ...]:
    """Return the steps of a preset's name; a list of steps is returned as it is."""
    return PRESETS[ranking] if isinstance(ranking, str) else ranking
