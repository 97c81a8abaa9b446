"""Slows down guessing: counts failures by account and by address, in memory."""

import math
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

_MAX_KEYS = 10_000


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

    def forget(self, key: str) -> None:
        """Begin anew for one key."""
        with self._lock:
            self._noted.pop(key, None)

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
        while moments and moments[0] <= now - self._window:
            moments.popleft()
        return moments


class LoginThrottle:
    """Failed logins: 5 for an account from one address, 30 from an address, 50 for an account.

    All within 15 minutes. The first bound is the tight one, so that a stranger elsewhere cannot
    easily lock somebody out by failing in their name.
    """

    def __init__(self) -> None:
        window = timedelta(minutes=15)
        self._pair = Throttle(5, window)
        self._address = Throttle(30, window)
        self._account = Throttle(50, window)
        self._lock = threading.Lock()

    def attempt(self, login: str, address: str, now: datetime) -> int:
        """Count a login as failed until `succeeded`; return the seconds to wait, 0 for go on.

        Counted before the password is compared: else many at once would all come through.
        """
        with self._lock:
            wait_s = self.wait_s(login, address, now)
            if not wait_s:
                self.failed(login, address, now)
            return wait_s

    def wait_s(self, login: str, address: str, now: datetime) -> int:
        """Return the whole seconds until the next attempt is looked at; 0 is now."""
        account = _account(login)
        return max(
            self._pair.wait_s(f"{account} {address}", now),
            self._address.wait_s(address, now),
            self._account.wait_s(account, now),
        )

    def failed(self, login: str, address: str, now: datetime) -> None:
        """Count a failed login."""
        account = _account(login)
        self._pair.note(f"{account} {address}", now)
        self._address.note(address, now)
        self._account.note(account, now)

    def succeeded(self, login: str, address: str, now: datetime) -> None:
        """Forgive what failed before for this account from this address, and this attempt."""
        account = _account(login)
        self._pair.forget(f"{account} {address}")
        self._address.give_back(address, now)
        self._account.give_back(account, now)


def _account(login: str) -> str:
    return login.strip().lower()[:254]
