"""Finds out what the sandbox can hold on this machine, by running a real job in each layer."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from blueprint.errors import InputError
from blueprint.evaluate.engine import Job, Outcome, Probe
from blueprint.evaluate.probing import try_walls
from blueprint.evaluate.sandbox import layers as described
from blueprint.evaluate.sandbox.layers import Layer

FORCE_VARIABLE = "DIYCHALLENGE_SANDBOX"
"""`namespaces`, `landlock` or `none`: try this layer alone."""


@dataclass(frozen=True)
class Found:
    """The strongest layer that works, and what that means."""

    layer: Layer
    probe: Probe


class RunIn(Protocol):
    """Runs a job in one layer; `ProcessSandbox.run_in`."""

    def __call__(self, layer: Layer, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:
        """Return how the job ended."""
        ...


def layers_to_try() -> tuple[Layer, ...]:
    """Return the layers that this account can have, strongest first.

    Raises:
        InputError: DIYCHALLENGE_SANDBOX names a layer that does not exist.
    """
    namespaces: Layer = "namespaces-root" if os.geteuid() == 0 else "namespaces-user"
    choices: dict[str, tuple[Layer, ...]] = {
        "": (namespaces, "landlock"),
        "namespaces": (namespaces,),
        "landlock": ("landlock",),
        "none": (),
    }
    forced = os.environ.get(FORCE_VARIABLE, "")
    if forced not in choices:
        known = ", ".join(name for name in choices if name)
        raise InputError(f"{FORCE_VARIABLE} is {forced!r}: it must be one of {known}")
    return choices[forced]


def probe_layers(run_in: RunIn, layers: Iterable[Layer]) -> Found:
    """Return what the first layer that passes holds; where none does, what to enable."""
    problems: list[str] = []
    for layer in layers:
        problem = try_walls(partial(run_in, layer, cancelled=_never))
        if not problem:
            advice = described.advise(problems) if problems else ""
            return _found(layer, advice)
        problems.append(f"{layer}: {problem}")
    off = f"{FORCE_VARIABLE}=none switches the sandbox off: unset it to run code"
    return _found("none", described.advise(problems) if problems else off)


def _found(layer: Layer, advice: str) -> Found:
    works = layer != "none"
    bounds, weaker = described.describe(layer) if works else ((), ())
    summary, notice = described.summarise(layer), described.notice(layer)
    return Found(layer, Probe(works, summary, notice, bounds, weaker, advice))


def _never() -> bool:
    return False
