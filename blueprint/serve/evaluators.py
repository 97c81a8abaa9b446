"""The evaluation hosts of a deployment: who is known by certificate, and how each was seen last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from blueprint.clock import to_text
from blueprint.ledger.hosts import EMBEDDED, SeenHost, seen_hosts
from blueprint.platform import Platform
from blueprint.serve.runner_certificates import list_workers

Presence = Literal["here", "stopped", "not seen", "never seen", "shut out"]
"""stopped: it said so; not seen: it asked for nothing in five minutes; shut out: removed."""
RENEW_WITHIN_DAYS = 30
"""A certificate that ends within so many days is named."""


@dataclass(frozen=True)
class Evaluator:
    """One evaluation host."""

    name: str
    presence: Presence
    seen_at: datetime | None
    """When it asked last, to half a minute; None where it never did."""
    certificate_until: datetime | None
    """None: it has none that is accepted here."""
    offers: Mapping[str, Any]
    """What one of its workers has for a piece of work: engine, cpus, memory_mib, gpus."""
    other_data: tuple[str, ...]
    """Digests of datasets that its files are not."""

    @property
    def is_here(self) -> bool:
        """Whether it can be expected to take work."""
        return self.presence == "here"

    @property
    def words(self) -> str:
        """How it stands, to be read after its name."""
        seen = "" if self.seen_at is None else to_text(self.seen_at)
        return {
            "here": f"seen {seen}",
            "stopped": f"stopped {seen}",
            "not seen": f"not seen since {seen}",
            "never seen": "never seen",
            "shut out": "not known any more",
        }[self.presence]

    def is_to_renew(self, now: datetime) -> bool:
        """Tell whether its certificate ends soon, or has ended."""
        until = self.certificate_until
        return until is not None and until - now < timedelta(days=RENEW_WITHIN_DAYS)


def evaluators_of(platform: Platform, now: datetime) -> dict[str, Evaluator]:
    """Return every evaluation host that is known, or that ever asked, by name."""
    known = dict(list_workers(platform.state))
    with platform.database.read() as connection:
        seen = seen_hosts(connection)
    return {
        name: _evaluator(name, seen.get(name), known.get(name), now)
        for name in sorted({*known, *seen})
    }


def absence_of(evaluators: Mapping[str, Evaluator], host: str | None) -> str:
    """Return why nothing can be had from a host's disk now, after its name; empty where it can.

    Args:
        evaluators: What `evaluators_of` returned.
        host: A host that keeps something; None where that is not known.
    """
    if host is None or host == EMBEDDED:
        return ""
    found = evaluators.get(host)
    if found is None:
        return "not known any more"
    return "" if found.is_here else found.words


def _evaluator(
    name: str, seen: SeenHost | None, until: datetime | None, now: datetime
) -> Evaluator:
    presence: Presence = "here"
    if until is None:
        presence = "shut out"
    elif seen is None:
        presence = "never seen"
    elif seen.has_left:
        presence = "stopped"
    elif not seen.is_here(now):
        presence = "not seen"
    return Evaluator(
        name=name,
        presence=presence,
        seen_at=seen.seen_at if seen else None,
        certificate_until=until,
        offers=seen.offers if seen else {},
        other_data=tuple(sorted(seen.other_data)) if seen else (),
    )
