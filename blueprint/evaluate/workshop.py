"""What a worker works with: a desk, its own disk, an engine."""

from dataclasses import dataclass, field

from blueprint.desk.port import Desk
from blueprint.desk.ticket import Offers
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.holdings import Digests, ReadAlways
from blueprint.evaluate.store import EvaluatorStore


@dataclass(frozen=True)
class Workshop:
    """All that an evaluation host has; whose platform is behind the desk it cannot tell."""

    desk: Desk
    store: EvaluatorStore
    engine: Engine
    offers: Offers | None = None
    """What one worker has for a piece of work; None: it takes anything."""
    digests: Digests = field(default_factory=ReadAlways)
    """Makes checksums of the test data, to compare them with what a ticket names."""
