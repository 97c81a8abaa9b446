"""Reads moments, durations, sizes and folders as people write them in challenge.yaml."""

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ANYWHERE_ON_EARTH = timezone(timedelta(hours=-12), "AoE")
_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?))?"
    r"(?: ?(?P<zone>Z|UTC|AoE|[+-]\d{2}:\d{2}|[A-Za-z_]+/[A-Za-z_/]+))?"
)
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_MEBIBYTES = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}


def parse_instant(value: object, *, zone: str, end_of_day: bool) -> datetime:
    """Return the moment that `value` names, in UTC.

    A bare date is 00:00:00 of that day, or 23:59:59 when `end_of_day`, in `zone`. A time may
    follow, and a zone after it: `Z`, `+02:00`, `Europe/Berlin` or `AoE` (anywhere on earth).

    Raises:
        ValueError: The text is no such moment.
    """
    text = str(value)
    match = _INSTANT.fullmatch(text)
    if not match:
        raise ValueError("is not a date such as 2027-06-01, 2027-06-01 18:00 or 2027-06-01 AoE")
    try:
        day = datetime.fromisoformat(match["date"]).date()
        clock = time.fromisoformat(match["time"]) if match["time"] else None
    except ValueError as error:
        raise ValueError(f"is not a date of the calendar ({error})") from None
    if clock is None:
        clock = time(23, 59, 59) if end_of_day else time(0, 0, 0)
    return datetime.combine(day, clock, parse_zone(match["zone"] or zone)).astimezone(UTC)


def parse_zone(name: str) -> tzinfo:
    """Return the time zone of that name (`UTC`, `AoE`, `+02:00`, `Europe/Berlin`).

    Raises:
        ValueError: There is no such zone.
    """
    if name in ("Z", "UTC"):
        return UTC
    if name == "AoE":
        return ANYWHERE_ON_EARTH
    if name[0] in "+-":
        return datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"names no time zone: {name!r}") from None


def parse_seconds(value: object) -> int:
    """Return the whole seconds of a duration such as `90 s`, `10 min` or `2 h`."""
    return _with_unit(value, _SECONDS, "a duration such as 90 s, 10 min or 2 h")


def parse_mebibytes(value: object) -> int:
    """Return the mebibytes of a size such as `512 MiB` or `8 GiB`."""
    return _with_unit(value, _MEBIBYTES, "a size such as 512 MiB or 8 GiB")


def _with_unit(value: object, units: dict[str, int], what: str) -> int:
    match = re.fullmatch(r"(\d{1,9}) ?([A-Za-z]+)", str(value))
    if not match or match[2] not in units:
        raise ValueError(f"is not {what}")
    return int(match[1]) * units[match[2]]


def parse_folder(value: object) -> PurePosixPath:
    """Return a folder path relative to challenge.yaml that stays below it.

    Raises:
        ValueError: The path is empty, absolute, or leaves the challenge's folder.
    """
    if isinstance(value, PurePosixPath):
        return value
    text = str(value)
    path = PurePosixPath(text)
    if not text or path.is_absolute() or ".." in path.parts or "\x00" in text:
        raise ValueError("must be a path below the folder of challenge.yaml, without '..'")
    return path
