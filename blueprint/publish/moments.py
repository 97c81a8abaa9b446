"""Writes moments as people read them; month names do not follow the machine's language."""

from datetime import UTC, datetime, tzinfo

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def utc(moment: datetime) -> str:
    """Return a moment in UTC, `15 June 2027, 12:00 UTC`."""
    return f"{_written(moment.astimezone(UTC))} UTC"


def short_utc(moment: datetime) -> str:
    """Return a moment in UTC for a column that says so, `2027-06-15 12:00`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def local(moment: datetime, zone: tzinfo) -> str:
    """Return a moment in the challenge's zone, and in UTC where that is another time."""
    here = moment.astimezone(zone)
    if not here.utcoffset():
        return utc(moment)
    abroad = here.astimezone(UTC)
    other_day = f"{abroad.day} {_MONTHS[abroad.month - 1]}, " if abroad.day != here.day else ""
    return f"{_written(here)} {here.tzname()} ({other_day}{abroad:%H:%M} UTC)"


def _written(moment: datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M}"
