"""Reads moments, durations, sizes and folders as people write them in challenge.yaml."""

import re
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from blueprint.config.suggest import did_you_mean

ANYWHERE_ON_EARTH = timezone(timedelta(hours=-12), "AoE")
_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?))?"
    r"(?: ?(?P<zone>Z|UTC|AoE|[+-]\d{2}:\d{2}|[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+))?",
    re.ASCII,
)
_ZONE = re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*", re.ASCII)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>0\d|1[0-4]):(?P<minutes>[0-5]\d)", re.ASCII)
_QUANTITY = re.compile(r"(\d{1,9}) ?([A-Za-z]+)", re.ASCII)
_YEARS = range(1970, 2201)
_MONTHS = 12
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_MEBIBYTES = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}
_MAX_SECONDS = 24 * 3600
_MAX_MEBIBYTES = 4 * 1024 * 1024


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
    day = _day(match["date"])
    clock = _time(match["time"]) if match["time"] else None
    if clock is None:
        clock = time(23, 59, 59) if end_of_day else time(0, 0, 0)
    return datetime.combine(day, clock, parse_zone(match["zone"] or zone)).astimezone(UTC)


def _day(text: str) -> date:
    year, month, day = (int(part) for part in text.split("-"))
    if year not in _YEARS:
        raise ValueError(f"is out of range: years {_YEARS[0]} to {_YEARS[-1]} are accepted")
    if not 1 <= month <= _MONTHS:
        raise ValueError(f"is no date: there is no month {month}")
    if not 1 <= day <= monthrange(year, month)[1]:
        raise ValueError(f"is no date: that month has no day {day}")
    return date(year, month, day)


def _time(text: str) -> time:
    hour, minute, second = (int(part) for part in f"{text}:00".split(":")[:3])
    if hour not in range(24) or minute not in range(60) or second not in range(60):
        raise ValueError(f"is no date: there is no time {text}")
    return time(hour, minute, second)


def parse_zone(name: str) -> tzinfo:
    """Return the time zone of that name (`UTC`, `AoE`, `+02:00`, `Europe/Berlin`).

    Raises:
        ValueError: There is no such zone.
    """
    if name in ("Z", "UTC"):
        return UTC
    if name == "AoE":
        return ANYWHERE_ON_EARTH
    if offset := _OFFSET.fullmatch(name):
        ahead = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"]))
        return timezone(ahead if offset["sign"] == "+" else -ahead)
    if _ZONE.fullmatch(name):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(name)
    raise ValueError(
        "names no time zone such as UTC, Europe/Berlin, +02:00 or AoE"
        + did_you_mean(name, available_timezones())
    )


def parse_seconds(value: object) -> int:
    """Return the whole seconds of a duration such as `90 s`, `10 min` or `2 h`.

    Raises:
        ValueError: It has no such form, or is not between 1 s and 24 h.
    """
    seconds = _with_unit(value, _SECONDS, "a duration such as 90 s, 10 min or 2 h")
    if not 1 <= seconds <= _MAX_SECONDS:
        raise ValueError("is out of range: between 1 s and 24 h")
    return seconds


def parse_mebibytes(value: object) -> int:
    """Return the mebibytes of a size such as `512 MiB` or `8 GiB`.

    Raises:
        ValueError: It has no such form, or is not between 1 MiB and 4 TiB.
    """
    mebibytes = _with_unit(value, _MEBIBYTES, "a size such as 512 MiB or 8 GiB")
    if not 1 <= mebibytes <= _MAX_MEBIBYTES:
        raise ValueError("is out of range: between 1 MiB and 4 TiB")
    return mebibytes


def seconds_text(seconds: int) -> str:
    """Return seconds as people write them: `10 min`."""
    return _in_unit(seconds, _SECONDS)


def mebibytes_text(mebibytes: int) -> str:
    """Return mebibytes as people write them: `2 GiB`."""
    return _in_unit(mebibytes, _MEBIBYTES)


def _in_unit(amount: int, units: dict[str, int]) -> str:
    unit = max((unit for unit in units if amount % units[unit] == 0), key=units.__getitem__)
    return f"{amount // units[unit]} {unit}"


def _with_unit(value: object, units: dict[str, int], what: str) -> int:
    match = _QUANTITY.fullmatch(str(value))
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
    if not isinstance(value, str) or not text.isprintable() or not path.parts:
        raise ValueError("is not the path of a folder")
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("must stay below the folder of challenge.yaml: relative, without '..'")
    return path


def parse_file(value: object) -> PurePosixPath:
    """Return the path of a file, absolute or relative to challenge.yaml.

    Raises:
        ValueError: It is empty, names a folder above, or holds what no path should.
    """
    if isinstance(value, PurePosixPath):
        return value
    text = str(value)
    path = PurePosixPath(text)
    if not isinstance(value, str) or not text.isprintable() or not path.name:
        raise ValueError("is not the path of a file")
    if ".." in path.parts:
        raise ValueError("has '..' in it: write it relative to challenge.yaml, or absolute")
    return path
