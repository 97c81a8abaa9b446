"""What is printed is plain when piped, aligned, and cannot command the terminal."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import output


@dataclass(frozen=True)
class Row:
    at: datetime
    where: Path
    names: tuple[str, ...]


def test_a_table_is_aligned_and_has_no_colours_when_piped(capsys):
    output.table(("team", "rank"), [("threshold-lab", 1), ("k", None)], empty="nobody")

    assert capsys.readouterr().out == "TEAM           RANK\nthreshold-lab  1\nk              -\n"


def test_an_empty_table_is_a_sentence(capsys):
    output.table(("team",), [], empty="nobody")

    assert capsys.readouterr().out == "nobody\n"


def test_facts_keep_further_lines_below_their_first(capsys):
    output.facts({"a": "one\ntwo", "long": None})

    assert capsys.readouterr().out == "a     one\n      two\nlong  -\n"


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31m", "\\x9b31m"),
        ("bell\x07 back\x08", "bell\\x07 back\\x08"),
        ("overwrite\rme", "overwrite\\x0dme"),
        ("tab\tand\nnewline, ümläut", "tab\tand\nnewline, ümläut"),
    ],
)
def test_control_characters_are_shown_and_not_obeyed(hostile, shown, capsys):
    output.say(hostile)

    assert capsys.readouterr().out == shown + "\n"


def test_a_newline_in_a_cell_cannot_forge_a_row(capsys):
    output.table(("name",), [("anna\nben",)], empty="")

    assert capsys.readouterr().out == "NAME\nanna ben\n"


def test_json_holds_moments_in_utc_paths_and_lists(capsys):
    row = Row(datetime(2027, 6, 1, 8, 30, 15, 999, tzinfo=UTC), Path("/data"), ("a", "b"))

    output.document({"row": row})

    assert json.loads(capsys.readouterr().out) == {
        "row": {"at": "2027-06-01T08:30:15Z", "where": "/data", "names": ["a", "b"]}
    }


def test_nan_never_reaches_a_script():
    with pytest.raises(ValueError, match="JSON compliant"):
        output.document({"value": float("nan")})
