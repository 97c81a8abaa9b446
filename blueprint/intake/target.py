"""Finds which phase a submission.yaml means, and whether that phase takes it now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from blueprint.clock import to_text
from blueprint.config.faults import Fault, shown
from blueprint.config.locate import Document
from blueprint.config.model import Challenge, Phase
from blueprint.config.schedule import phase_status
from blueprint.config.suggest import did_you_mean
from blueprint.intake.submission_yaml import Manifest


@dataclass(frozen=True)
class Target:
    """Where a submission goes; `phase` is None when the faults say why."""

    phase: Phase | None
    faults: tuple[Fault, ...]


def find_target(manifest: Manifest, challenge: Challenge, now: datetime) -> Target:
    """Return the phase that a submission is for, with every fault in how it is named.

    A key that is at fault in itself is not judged a second time.
    """
    finder = _Finder(manifest.document, challenge, now, {f.path for f in manifest.faults})
    found: list[Phase] = []
    faults = [*finder.task(), *finder.phase(found)]
    if found:
        faults += finder.kind(found[0])
    return Target(found[0] if found and not faults else None, tuple(faults))


@dataclass(frozen=True)
class _Finder:
    document: Document
    challenge: Challenge
    now: datetime
    judged: set[str]

    def task(self) -> Iterator[Fault]:
        """Yield a fault when the task is none of the challenge's."""
        task, known = self._said("task"), [task.id for task in self.challenge.tasks]
        if task is not None and task not in known:
            yield self.document.fault(
                ("task",), f"{shown(task)} is no task of this challenge{did_you_mean(task, known)}",
                value=task, hint=f"the tasks are {', '.join(known)}",
            )  # fmt: skip

    def phase(self, found: list[Phase]) -> Iterator[Fault]:
        """Yield what is wrong with the phase; else put it into `found`."""
        if "phase" in self.judged or self.document.value is None:
            return
        named, task = self._said("phase"), self._said("task")
        if named is not None:
            yield from self._named(named, task, found)
        elif task in [one.id for one in self.challenge.tasks]:
            yield from self._only_open(str(task), found)

    def kind(self, phase: Phase) -> Iterator[Fault]:
        """Yield a fault when the phase does not take this kind."""
        kind = self._said("kind")
        if kind is not None and kind not in phase.submission:
            taken = " or ".join(phase.submission)
            yield self.document.fault(
                ("kind",), f"phase {phase.id} does not take {shown(kind)}, only {taken}",
                value=kind, hint=f"write `kind: {phase.submission[0]}`",
            )  # fmt: skip

    def _named(self, name: str, task: str | None, found: list[Phase]) -> Iterator[Fault]:
        known = {phase.id: phase for phase in self.challenge.phases}
        if name not in known:
            yield self.document.fault(
                ("phase",), f"{shown(name)} is no phase of this challenge"
                f"{did_you_mean(name, known)}",
                value=name, hint=f"the phases are {', '.join(known)}",
            )  # fmt: skip
            return
        phase = known[name]
        if task is not None and task not in phase.tasks and "task" not in self.judged:
            yield self.document.fault(
                ("phase",), f"{shown(name)} is not for the task {shown(task)}",
                value=name, hint=f"its task is {phase.task}",
            )  # fmt: skip
        elif phase_status(phase, self.now) != "open":
            yield self.document.fault(
                ("phase",), f"{shown(name)} {when(phase, self.now)}",
                value=name, hint=self._open_now(phase),
            )  # fmt: skip
        else:
            found.append(phase)

    def _only_open(self, task: str, found: list[Phase]) -> Iterator[Fault]:
        phases = [phase for phase in self.challenge.phases if task in phase.tasks]
        are_open = [phase for phase in phases if phase_status(phase, self.now) == "open"]
        if len(are_open) == 1:
            yield from self._by_default(are_open[0], task, found)
        elif are_open:
            names = " and ".join(phase.id for phase in are_open)
            yield self.document.fault(
                ("task",), f"{len(are_open)} phases of {task} are open, {names}: say which",
                value=task, hint=f"add `phase: {are_open[0].id}`",
            )  # fmt: skip
        else:
            times = "; ".join(f"{phase.id} {when(phase, self.now)}" for phase in phases)
            yield self.document.fault(
                ("task",), f"no phase of {task} is open now: {times or 'it has none'}",
                value=task, hint=self._open_now(*phases),
            )  # fmt: skip

    def _by_default(self, phase: Phase, task: str, found: list[Phase]) -> Iterator[Fault]:
        """Put a phase that was not named into `found`, where that costs no only chance.

        What was meant for a phase that has closed must not be taken for the last one.
        """
        reasons = ["it runs on the private cases"] if phase.cases == "private" else []
        reasons += ["it takes one submission in all"] if phase.limits.total == 1 else []
        if not reasons:
            found.append(phase)
            return
        yield self.document.fault(
            ("task",), f"only {phase.id} is open for {task}, and it has to be named:"
            f" {' and '.join(reasons)}",
            value=task, hint=f"add `phase: {phase.id}` where you mean it",
        )  # fmt: skip

    def _open_now(self, *wanted: Phase) -> str:
        """Return what to do when none of the wanted phases is open."""
        later = [phase for phase in wanted if phase_status(phase, self.now) == "upcoming"]
        are_open = [p.id for p in self.challenge.phases if phase_status(p, self.now) == "open"]
        parts = [f"push again when {later[0].id} opens"] if later else []
        parts += [f"open now: {', '.join(are_open)}"] if are_open else []
        return "; ".join(parts) or f"questions go to {self.challenge.challenge.contact}"

    def _said(self, key: str) -> str | None:
        value = self.document.at((key,))
        return value if isinstance(value, str) and key not in self.judged else None


def when(phase: Phase, now: datetime) -> str:
    """Return when a phase that is not open opens, or closed."""
    if phase_status(phase, now) == "upcoming":
        return f"opens at {to_text(phase.opens)}"
    return f"closed at {to_text(phase.closes)}"
