"""A new challenge.yaml is the example with answers in it, open at the moment it is made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blueprint.config.faults import ConfigFaults
from blueprint.config.load import load
from blueprint.config.model import Challenge
from blueprint.config.scaffold import Answers, render_challenge_yaml, with_values
from blueprint.config.schedule import open_phases, phase_status, registration_status
from blueprint.config.yaml_reader import read_yaml

PLAIN = Answers(id="liver", title="Liver tumours", contact="liver@example.org")


def made(folder: Path, answers: Answers, now: datetime) -> Challenge:
    path = folder / "challenge.yaml"
    path.write_text(render_challenge_yaml(answers, now), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "AoE"])
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 12, 0, 0, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 30, 0, tzinfo=UTC),  # the clocks go forward in Berlin
    ],
)
def test_everything_is_open_when_it_is_made_and_the_final_is_to_come(
    starter_folder: Path, zone: str, now: datetime
):
    answers = Answers(id="liver", title="Liver", contact="liver@example.org", timezone=zone)

    challenge = made(starter_folder, answers, now)

    assert [phase.id for phase in open_phases(challenge, now)] == ["preliminary"]
    assert phase_status(challenge.phase("final"), now) == "upcoming"
    assert registration_status(challenge, now) == "open"
    assert all(release.opens <= now for release in challenge.data.releases)
    assert open_phases(challenge, now + timedelta(days=80)) == open_phases(challenge, now)


@pytest.mark.parametrize(
    "title",
    ['Liver: "tumours" #1', "2027-01-01", "null", "12", "- a", "Größe µ", "*x", "a  b", "{x}"],
)
def test_any_title_reads_back_as_it_was_given(starter_folder: Path, noon: datetime, title: str):
    answers = Answers(id="liver", title=title, contact="liver@example.org", http=18080, sftp=12022)

    challenge = made(starter_folder, answers, noon)

    assert challenge.challenge.title == title
    assert (challenge.embedded.http, challenge.embedded.sftp) == (18080, 12022)


def test_every_comment_of_the_example_but_on_servers_is_kept(noon: datetime):
    text = render_challenge_yaml(PLAIN, noon)
    example = (Path(__file__).resolve().parents[3] / "challenge.example.yaml").read_text("utf-8")

    before, _, rest = example.partition("\nserver:")  # which this challenge has no use for
    kept = f"{before}\npeople:{rest.partition(chr(10) + 'people:')[2]}"
    comments = [line.partition("# ")[2] for line in text.splitlines()]
    assert comments == [line.partition("# ")[2] for line in kept.splitlines()]
    assert "  id: liver                            # names it in receipts" in text


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        (Answers(id="../liver", title="Liver", contact="a@example.org"), "challenge.id"),
        (Answers(id="liver", title="\x1b[2J", contact="a@example.org"), "challenge.title"),
        (Answers(id="liver", title="Liver", contact="nobody"), "challenge.contact"),
        (
            Answers(id="liver", title="Liver", contact="a@example.org", timezone="Nowhere"),
            "challenge.timezone",
        ),
        (Answers(id="liver", title="Liver", contact="a@example.org", http=2022), "embedded.sftp"),
    ],
)
def test_a_wrong_answer_is_named(noon: datetime, answers: Answers, path: str):
    with pytest.raises(ConfigFaults) as caught:
        render_challenge_yaml(answers, noon)

    assert [fault.path for fault in caught.value.faults] == [path]


def test_values_are_replaced_in_place():
    document = read_yaml(b"a: 1   # one\nb: [x, y] # two\nc: z", file="f.yaml")

    text = with_values(document, {("a",): 100, ("b", 1): "long: word", ("c",): "end"})

    assert text == 'a: 100  # one\nb: [x, "long: word"] # two\nc: end'


def test_a_challenge_on_this_machine_says_nothing_of_servers():
    text = render_challenge_yaml(PLAIN, datetime(2027, 3, 1, tzinfo=UTC))

    assert "\nserver:" not in text
    assert "\npeople:" in text  # the section that follows it in the example
    assert "# Or " not in text
