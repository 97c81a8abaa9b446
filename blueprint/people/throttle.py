"""Slows down guessing: counts events by key, and failed logins by account and address."""

import math
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

_MAX_KEYS = 10_000
_SKEW = timedelta(seconds=10)
"""Threads note moments out of order by this much at most; beyond it the clock was set back."""


class Throttle:
    """At most `limit` noted events a key within `window`; safe to share between threads.

    It keeps 10,000 keys and forgets those longest untouched first.
    """

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit = limit
        self._window = window
        self._noted: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key: str, now: datetime) -> int:
        """Return the whole seconds until one more is allowed; 0 is now."""
        with self._lock:
            return self._wait_s(self._recent(key, now), now)

    def note(self, key: str, now: datetime) -> None:
        """Count one event."""
        with self._lock:
            self._note(key, now)

    def take(self, key: str, now: datetime) -> int:
        """Count one event when it is allowed now; return the seconds until then, 0 for now.

        Asking and counting are one step: of many at the same moment, only `limit` come through.
        """
        with self._lock:
            wait_s = self._wait_s(self._recent(key, now), now)
            if not wait_s:
                self._note(key, now)
            return wait_s

    def give_back(self, key: str, moment: datetime) -> None:
        """Do not count the event of that moment after all."""
        with self._lock:
            moments = self._noted.get(key)
            if moments and moment in moments:
                moments.remove(moment)

    def _wait_s(self, moments: deque[datetime], now: datetime) -> int:
        if len(moments) < self._limit:
            return 0
        return max(1, math.ceil((moments[0] + self._window - now).total_seconds()))

    def _note(self, key: str, now: datetime) -> None:
        moments = self._recent(key, now)
        moments.append(now)
        self._noted[key] = moments
        self._noted.move_to_end(key)
        while len(self._noted) > _MAX_KEYS:
            self._noted.popitem(last=False)

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        # `limit` moments are enough: the oldest of them says when the next is allowed.
        moments = self._noted.get(key) or deque(maxlen=self._limit)
        if moments and moments[-1] > now + _SKEW:
            _set_back(moments, now)
        while moments and moments[0] <= now - self._window:
            moments.popleft()
        return moments


@dataclass(frozen=True)
class Attempt:
    """What the throttle says to a login, before the password is looked at."""

    wait_s: int
    """Whole seconds until the next one is looked at; 0: this one is."""
    is_suspect: bool
    """Many logins failed from this address: this one is compared, one at a time."""


class LoginThrottle:
    """Failed logins, counted by account and address together.

    Five are free; then each one doubles the wait for this account from this address: 15 s, 30 s,
    up to 15 minutes, forgotten an hour after the last. Nobody else waits: an address (all of a
    proxy's people may share one) is never shut out, and neither is an account, because of what
    others did. What an address with many failures may cost is bounded where passwords are
    compared: its logins are compared one after the other.
    """

    FREE = 5
    FIRST_WAIT = timedelta(seconds=15)
    LONGEST_WAIT = timedelta(minutes=15)
    FORGOTTEN_AFTER = timedelta(hours=1)
    SUSPECT_AFTER = 30

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()
        self._addresses = Throttle(self.SUSPECT_AFTER, timedelta(minutes=15))
        self._lock = threading.Lock()

    def attempt(self, login: str, address: str, now: datetime) -> Attempt:
        """Count a login as failed until `succeeded`, unless it has to wait.

        Counted before the password is compared: else many at once would all come through.
        """
        key = (_account(login), network(address))
        with self._lock:
            count, last = self._recent(key, now)
            ready = last + self._wait(count)
            if ready > now:
                return Attempt(math.ceil((ready - now).total_seconds()), is_suspect=True)
            self._failed[key] = (count + 1, now)
            self._failed.move_to_end(key)
            while len(self._failed) > _MAX_KEYS:
                self._failed.popitem(last=False)
        is_suspect = self._addresses.wait_s(key[1], now) > 0
        self._addresses.note(key[1], now)
        return Attempt(0, is_suspect)

    def succeeded(self, login: str, address: str, now: datetime) -> None:
        """Forgive what failed before for this account from this address, and this attempt."""
        key = (_account(login), network(address))
        with self._lock:
            self._failed.pop(key, None)
        self._addresses.give_back(key[1], now)

    def failures(self, login: str, address: str, now: datetime) -> int:
        """Return how many logins of this account from this address failed in a row."""
        with self._lock:
            return self._recent((_account(login), network(address)), now)[0]

    def _recent(self, key: tuple[str, str], now: datetime) -> tuple[int, datetime]:
        count, last = self._failed.get(key, (0, now))
        if last > now:  # the clock was set back, or another thread looked at it later
            last = now
            self._failed[key] = (count, last)
        return (0, now) if now - last >= self.FORGOTTEN_AFTER else (count, last)

    def _wait(self, count: int) -> timedelta:
        if count < self.FREE:
            return timedelta()
        wait = self.FIRST_WAIT
        for _ in range(count - self.FREE):
            if wait >= self.LONGEST_WAIT:
                break
            wait *= 2
        return min(self.LONGEST_WAIT, wait)


def _set_back(moments: deque[datetime], now: datetime) -> None:
    """Count what a clock that was ahead noted as of now: else all wait until it is there again."""
    for index, moment in enumerate(moments):
        moments[index] = min(moment, now)


def network(address: str) -> str:
    """Return what stands for one visitor: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return address


def _account(login: str) -> str:
    return login.strip().lower()[:254]
