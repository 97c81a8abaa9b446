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
            moments = self._recent(key, now)
            if len(moments) < self._limit:
                return 0
            return max(1, math.ceil((moments[0] + self._window - now).total_seconds()))

    def note(self, key: str, now: datetime) -> None:
        """Count one event."""
        with self._lock:
            moments = self._recent(key, now)
            moments.append(now)
            self._noted[key] = moments
            self._noted.move_to_end(key)
            while len(self._noted) > _MAX_KEYS:
                self._noted.popitem(last=False)

    def forget(self, key: str) -> None:
        """Begin anew for one key."""
        with self._lock:
            self._noted.pop(key, None)

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

    def succeeded(self, login: str, address: str) -> None:
        """Forgive what failed before for this account from this address."""
        self._pair.forget(f"{_account(login)} {address}")


def _account(login: str) -> str:
    return login.strip().lower()[:254]
