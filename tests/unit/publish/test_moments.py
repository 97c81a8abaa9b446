"""Moments are written in the challenge's zone and in UTC."""

from datetime import UTC, datetime

from blueprint.config.units import parse_zone
from blueprint.publish.moments import local, short_utc, utc


def test_a_deadline_is_told_in_both_zones():
    close = datetime(2027, 8, 31, 21, 59, 59, tzinfo=UTC)

    assert local(close, parse_zone("Europe/Berlin")) == "31 August 2027, 23:59 CEST (21:59 UTC)"


def test_another_day_in_utc_is_named():
    opens = datetime(2027, 5, 31, 22, 0, tzinfo=UTC)

    assert (
        local(opens, parse_zone("Europe/Berlin")) == "1 June 2027, 00:00 CEST (31 May, 22:00 UTC)"
    )


def test_utc_is_not_told_twice():
    noon = datetime(2027, 6, 15, 12, 0, tzinfo=UTC)

    assert local(noon, UTC) == utc(noon) == "15 June 2027, 12:00 UTC"
    assert short_utc(noon) == "2027-06-15 12:00"
