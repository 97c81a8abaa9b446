"""The connection to a server: each write on it is seen, and can be the last thing that is done."""

from typing import Any

import urllib3

WRITES = ("PUT", "POST", "DELETE")


class Cut(BaseException):
    """The process was killed here: nothing catches this."""


class Wire(urllib3.PoolManager):
    """Notes what is written; after so many writes the process is gone."""

    def __init__(self, cut_after: int | None = None) -> None:
        super().__init__(timeout=60.0, retries=False)
        self.writes: list[str] = []
        self._cut_after = cut_after

    def urlopen(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        answer = super().urlopen(method, url, *args, **options)
        if method in WRITES:
            self.writes.append(f"{method} {url}")
            if len(self.writes) == self._cut_after:
                raise Cut
        return answer
