"""Who asks at the desk: workers of the platform, on its own disk, or evaluation hosts."""

from collections.abc import Mapping
from dataclasses import asdict

from blueprint.desk.ticket import Offers
from blueprint.ledger import hosts
from blueprint.ledger.holds import ASK_AGAIN_S
from blueprint.ledger.hosts import EMBEDDED, SeenHost
from blueprint.platform import Platform


class Askers:
    """What a desk notes of whoever asks. Safe to share between threads.

    Of the platform's own workers nothing is noted: they share its disk, and end with it.
    """

    def __init__(self, platform: Platform, *, are_hosts: bool) -> None:
        self._platform = platform
        self._are_hosts = are_hosts

    def host_of(self, worker: str) -> str:
        """Return on whose disk a worker works; a host's workers are called `NAME/1`."""
        return worker.partition("/")[0] if self._are_hosts else EMBEDDED

    def note_seen(self, worker: str, offers: Offers | None = None) -> None:
        """Note that a worker asks for something."""
        if self._are_hosts:
            said = None if offers is None else asdict(offers)
            name, now = self.host_of(worker), self._platform.clock()
            hosts.note_seen(self._platform.database, name, now, said)

    def note_left(self, worker: str) -> None:
        """Note that a worker's host is gone, until it asks again."""
        if self._are_hosts:
            name, now = self.host_of(worker), self._platform.clock()
            hosts.note_left(self._platform.database, name, now)

    def note_other_data(self, worker: str, digest: str) -> bool:
        """Note that a worker's files are not those of a dataset.

        Returns:
            Whether another host is here that may well have them.
        """
        if not self._are_hosts:
            return False
        name, now = self.host_of(worker), self._platform.clock()
        hosts.note_other_data(self._platform.database, name, digest, now)
        others = [one for one in self._seen().values() if one.name != name]
        return any(one.is_here(now) and not one.lacks(digest, now) for one in others)

    def note_same_data(self, worker: str, digest: str) -> None:
        """Note that a worker's files are those of a dataset."""
        if self._are_hosts:
            name, now = self.host_of(worker), self._platform.clock()
            hosts.note_same_data(self._platform.database, name, digest, now)

    def lacking(self, worker: str) -> frozenset[str]:
        """Return the datasets that a worker is not asked about for the moment: it has others."""
        found = self._seen().get(self.host_of(worker)) if self._are_hosts else None
        if found is None:
            return frozenset()
        now = self._platform.clock()
        return frozenset(
            digest for digest in found.other_data if found.lacks(digest, now, for_s=ASK_AGAIN_S)
        )

    def _seen(self) -> Mapping[str, SeenHost]:
        with self._platform.database.read() as connection:
            return hosts.seen_hosts(connection)
