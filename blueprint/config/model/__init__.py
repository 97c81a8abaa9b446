"""The frozen model of challenge.yaml: one module per section."""

from typing import Annotated, Literal

from pydantic import Field

from blueprint.config.model.base import Section
from blueprint.config.model.challenge import About, Embedded, EngineWord, Organizer, Target
from blueprint.config.model.data import Data, Release
from blueprint.config.model.metric import Metric
from blueprint.config.model.people import Agreement, People, Question, Registration, Teams
from blueprint.config.model.phase import (
    Board,
    Feedback,
    Kind,
    Limits,
    Phase,
    Resources,
    VisibleFrom,
)
from blueprint.config.model.server import Host, Server
from blueprint.config.model.task import Cases, RankStep, Split, Task, Uncertainty

__all__ = [
    "About",
    "Agreement",
    "Board",
    "Cases",
    "Challenge",
    "Data",
    "Embedded",
    "EngineWord",
    "Feedback",
    "Host",
    "Kind",
    "Limits",
    "Metric",
    "Organizer",
    "People",
    "Phase",
    "Question",
    "RankStep",
    "Registration",
    "Release",
    "Resources",
    "Server",
    "Split",
    "Target",
    "Task",
    "Teams",
    "Uncertainty",
    "VisibleFrom",
]  # fmt: skip


class Challenge(Section):
    """The whole of challenge.yaml."""

    version: Literal[1]
    challenge: About
    target: Target = "embedded"
    embedded: Embedded = Embedded()
    server: Server | None = None
    """None where the target is another one."""
    people: People = People()
    data: Data = Data()
    tasks: Annotated[tuple[Task, ...], Field(min_length=1, max_length=20)]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=50)]

    @property
    def idle_sections(self) -> set[str]:
        """The sections that only another target reads."""
        return {"server"} if self.target == "embedded" else {"embedded"}

    def task(self, task_id: str) -> Task:
        """Return the task of that id (KeyError when there is none)."""
        return {task.id: task for task in self.tasks}[task_id]

    def phase(self, phase_id: str) -> Phase:
        """Return the phase of that id (KeyError when there is none)."""
        return {phase.id: phase for phase in self.phases}[phase_id]

    def release(self, release_id: str) -> Release:
        """Return the release of that id (KeyError when there is none)."""
        return {release.id: release for release in self.data.releases}[release_id]
