"""Tickets as a platform would give them out, with what a test wants to be different."""

from datetime import UTC, datetime

from blueprint.config.model import Kind
from blueprint.desk.ticket import Hold, Logs, PhaseTerms, RunLimits, TaskTerms, Ticket
from blueprint.metrics.measures import Measure, Region

TISSUE = TaskTerms(
    "tissue", ("t1",), "mask", "semantic-segmentation", (1, 2),
    (Measure("dice", (Region("1", (1,)), Region("2", (2,)))),),
)  # fmt: skip


def hold(*, number: int = 1, token: int = 1, worker: str = "w1") -> Hold:
    return Hold("judge", number, token, 1, worker, "0123456789abcdef")


def phase_terms(logs: Logs = "system") -> PhaseTerms:
    return PhaseTerms("first", "public", "native", 1, RunLimits(1, 512, 30, 64), logs)


def ticket(*, kind: Kind = "code", logs: Logs = "system", task: TaskTerms = TISSUE) -> Ticket:
    return Ticket(
        hold=hold(),
        until=datetime(2027, 6, 15, 12, 10, tzinfo=UTC),
        lease_s=600,
        commit="4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        kind=kind,
        run=("python", "predict.py") if kind == "code" else (),
        seed=7,
        task=task,
        phase=phase_terms(logs),
    )
