"""One meaning of a deadline; durations and sizes carry their unit."""

from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from blueprint.config import units


@pytest.mark.parametrize(
    ("written", "end_of_day", "utc"),
    [
        # Berlin is one hour ahead of UTC in winter, two in summer.
        ("2027-01-15", False, datetime(2027, 1, 14, 23, 0, tzinfo=UTC)),
        ("2027-01-15", True, datetime(2027, 1, 15, 22, 59, 59, tzinfo=UTC)),
        ("2027-06-01", False, datetime(2027, 5, 31, 22, 0, tzinfo=UTC)),
        ("2027-06-01 18:00", True, datetime(2027, 6, 1, 16, 0, tzinfo=UTC)),
        ("2027-06-01T18:00:30", False, datetime(2027, 6, 1, 16, 0, 30, tzinfo=UTC)),
        ("2027-06-01 18:00 UTC", False, datetime(2027, 6, 1, 18, 0, tzinfo=UTC)),
        ("2027-06-01T18:00Z", False, datetime(2027, 6, 1, 18, 0, tzinfo=UTC)),
        ("2027-06-01 18:00 +05:30", False, datetime(2027, 6, 1, 12, 30, tzinfo=UTC)),
        ("2027-06-01 18:00 -03:30", False, datetime(2027, 6, 1, 21, 30, tzinfo=UTC)),
        ("2027-06-01 18:00 America/New_York", False, datetime(2027, 6, 1, 22, 0, tzinfo=UTC)),
        ("2027-06-01 America/Port-au-Prince", False, datetime(2027, 6, 1, 4, 0, tzinfo=UTC)),
        # Anywhere on earth is twelve hours behind UTC.
        ("2027-09-15 23:59 AoE", True, datetime(2027, 9, 16, 11, 59, tzinfo=UTC)),
        ("2027-09-15 AoE", True, datetime(2027, 9, 16, 11, 59, 59, tzinfo=UTC)),
        ("2028-02-29 UTC", False, datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_its_zone(written: str, end_of_day: bool, utc: datetime):
    assert units.parse_instant(written, zone="Europe/Berlin", end_of_day=end_of_day) == utc


def test_a_moment_that_was_read_before_stays_the_same():
    moment = datetime(2027, 6, 1, 10, 20, tzinfo=UTC)
    assert units.parse_instant(moment, zone="Europe/Berlin", end_of_day=True) == moment


@pytest.mark.parametrize(
    "written",
    [
        "", "tomorrow", "2027-6-1", "2027-00-10", "2027-02-29", "2027-06-31", "2027-06-01 24:00",
        "2027-06-01 18:60", "0000-01-01", "9999-12-31 AoE", "2027-06-01 +99:99", 20270601, None,
        "2027-06-01 Nowhere/Land", "\u0662\u0660\u0662\u0667-06-01",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(written: object):
    with pytest.raises(ValueError, match=r"is no|is not|out of range|names no"):
        units.parse_instant(written, zone="UTC", end_of_day=False)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "Europe/", "+15:00", "aoe"])
def test_what_is_no_zone_is_refused(name: str):
    with pytest.raises(ValueError, match="names no time zone"):
        units.parse_zone(name)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("1 s", 1), ("90 s", 90), ("10 min", 600), ("24 h", 86_400), ("2h", 7200)],
)
def test_durations_carry_their_unit(written: str, seconds: int):
    assert units.parse_seconds(written) == seconds


@pytest.mark.parametrize("written", [10, "10", "0 s", "25 h", "-1 s", "1.5 h", "10 minutes", True])
def test_what_is_no_duration_is_refused(written: object):
    with pytest.raises(ValueError, match=r"is not a duration|out of range"):
        units.parse_seconds(written)


@pytest.mark.parametrize(("written", "mib"), [("1 MiB", 1), ("8 GiB", 8192), ("4 TiB", 4_194_304)])
def test_sizes_carry_their_unit(written: str, mib: int):
    assert units.parse_mebibytes(written) == mib


@pytest.mark.parametrize("written", [512, "512", "8 GB", "8 gib", "0 MiB", "5 TiB"])
def test_what_is_no_size_is_refused(written: object):
    with pytest.raises(ValueError, match=r"is not a size|out of range"):
        units.parse_mebibytes(written)


@pytest.mark.parametrize("amount", [1, 59, 60, 90, 600, 3600, 5400, 86_400])
def test_a_duration_that_is_written_out_reads_back(amount: int):
    assert units.parse_seconds(units.seconds_text(amount)) == amount


def test_amounts_are_written_in_their_largest_whole_unit():
    assert units.seconds_text(5400) == "90 min"
    assert units.mebibytes_text(2048) == "2 GiB"
    assert units.mebibytes_text(1536) == "1536 MiB"


@pytest.mark.parametrize(
    "written", ["", ".", "/etc", "../x", "a/../../b", "a\x00b", "a\nb", 3, None]
)
def test_a_folder_stays_below_the_challenge(written: object):
    with pytest.raises(ValueError, match=r"must stay below|is not the path"):
        units.parse_folder(written)


def test_a_folder_may_end_in_a_slash():
    assert units.parse_folder("pages/") == PurePosixPath("pages")
