"""When phases and registration are open, to the second."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blueprint.config.load import load
from blueprint.config.model import Challenge
from blueprint.config.schedule import open_phases, phase_status, registration_status

ROOT = Path(__file__).resolve().parents[3]
SECOND = timedelta(seconds=1)

# In the example: 2027-06-01 00:00:00 to 2027-08-31 23:59:59 in Berlin, which is UTC+2 then.
OPENS = datetime(2027, 5, 31, 22, 0, 0, tzinfo=UTC)
CLOSES = datetime(2027, 8, 31, 21, 59, 59, tzinfo=UTC)


@pytest.fixture
def example() -> Challenge:
    return load(ROOT / "challenge.example.yaml", check_data=False)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (OPENS - SECOND, "upcoming"),
        (OPENS, "open"),
        (CLOSES, "open"),
        (CLOSES + timedelta(microseconds=999_999), "open"),  # still 23:59:59
        (CLOSES + SECOND, "closed"),
    ],
)
def test_both_ends_belong_to_a_phase(example: Challenge, now: datetime, status: str):
    assert phase_status(example.phase("preliminary"), now) == status


def test_one_phase_follows_the_other_without_a_gap(example: Challenge):
    assert [phase.id for phase in open_phases(example, CLOSES)] == ["preliminary"]
    assert [phase.id for phase in open_phases(example, CLOSES + SECOND)] == ["final"]


def test_nothing_is_open_between_the_dates(example: Challenge):
    assert open_phases(example, OPENS - SECOND) == ()


def test_registration_keeps_its_own_dates(example: Challenge):
    # 2027-04-01 00:00:00 to 2027-08-15 23:59:59 in Berlin.
    opens, closes = datetime(2027, 3, 31, 22, tzinfo=UTC), datetime(2027, 8, 15, 22, tzinfo=UTC)
    assert registration_status(example, opens - SECOND) == "upcoming"
    assert registration_status(example, opens) == "open"
    assert registration_status(example, closes - SECOND) == "open"
    assert registration_status(example, closes) == "closed"


def test_registration_without_dates_lasts_as_long_as_the_phases(example: Challenge):
    people = example.people.model_copy(update={"registration": None})
    undated = example.model_copy(update={"people": people})
    last = undated.phase("final").closes

    assert registration_status(undated, OPENS - timedelta(days=400)) == "open"
    assert registration_status(undated, last) == "open"
    assert registration_status(undated, last + SECOND) == "closed"
