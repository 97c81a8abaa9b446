"""A round of the challenge: when, with which cases, within which limits."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from blueprint.config.model.base import Closes, Mebibytes, Opens, Seconds, Section, Slug
from blueprint.config.model.task import Split

Kind = Literal["code", "predictions"]


class Limits(Section):
    """How often a team may submit; None is no limit."""

    per_day: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = 3
    """Accepted submissions in the last 24 hours."""
    total: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = None
    concurrent: Annotated[int, Field(strict=True, ge=1, le=100)] | None = 1
    """Submissions that have not ended."""
    failed_per_day: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = 10
    """Failures by the participant's fault in the last 24 hours."""


class Resources(Section):
    """What one run of a submission may use."""

    cpus: Annotated[int, Field(strict=True, ge=1, le=256)] = 1
    memory_mib: Annotated[Mebibytes, Field(alias="memory")] = 2048
    time_s: Annotated[Seconds, Field(alias="time")] = 600
    output_mib: Annotated[Mebibytes, Field(alias="output")] = 256
    gpus: Annotated[int, Field(strict=True, ge=0, le=16)] = 0
    shm_mib: Annotated[Mebibytes, Field(alias="shm")] = 64
    """Size of /dev/shm; what lies there counts as memory."""


class Feedback(Section):
    """What a participant learns of a run."""

    logs: Literal["system", "own", "none"] = "system"
    """system: our messages; own: what the submission printed too; none: the verdict alone."""
    scores: Literal["mean", "none"] = "mean"


class VisibleFrom(Section):
    """A board that is kept back until a moment."""

    from_: Annotated[Opens, Field(alias="from")]


def _visible_form(value: object) -> str:
    return "moment" if isinstance(value, dict | VisibleFrom) else "word"


Visible = Annotated[
    Annotated[Literal["live", "hidden"], Tag("word")] | Annotated[VisibleFrom, Tag("moment")],
    Discriminator(_visible_form),
]
"""live: at once; hidden: when an organizer publishes it; or from a moment on."""


class Board(Section):
    """Which submission of a team the leaderboard shows, and whether it is shown."""

    show: Literal["best", "latest", "all"] = "best"
    visible: Visible = "live"


class Phase(Section):
    """One round; it takes submissions from `opens` to `closes`."""

    id: Slug
    tasks: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=1)]
    cases: Split = "public"
    after: Slug | None = None
    """A phase that must have closed first."""
    opens: Opens
    closes: Closes
    submission: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=2)] = ("code",)
    contract: Literal["native"] = "native"
    limits: Limits = Limits()
    resources: Resources = Resources()
    canary_cases: Annotated[int, Field(strict=True, ge=0, le=10)] = 1
    feedback: Feedback = Feedback()
    board: Board = Board()

    @property
    def task(self) -> str:
        """The id of the phase's one task."""
        return self.tasks[0]
