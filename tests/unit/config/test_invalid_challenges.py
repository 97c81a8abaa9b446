"""Every broken challenge.yaml under tests/invalid gets exactly the message beside it."""

from pathlib import Path

import pytest

from blueprint.config.faults import ConfigFaults
from blueprint.config.load import load, parse_challenge

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "invalid" / "challenges"
STARTER = ROOT / "blueprint" / "scaffold" / "brain_tissue"
BROKEN = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def message_of(data: bytes) -> str:
    with pytest.raises(ConfigFaults) as caught:
        parse_challenge(data, file="challenge.yaml", base=STARTER)
    return str(caught.value)


def test_there_are_at_least_forty_broken_files():
    assert len(BROKEN) >= 40


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gets_its_exact_message(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(FOLDER)

    with pytest.raises(ConfigFaults) as caught:
        load(Path(f"{name}.yaml"), base=STARTER)

    assert f"{caught.value}\n" == (FOLDER / f"{name}.expected").read_text(encoding="utf-8")
    assert caught.value.exit_code == 2
    assert all(fault.hint for fault in caught.value.faults)


def test_ten_megabytes_are_refused_unread():
    assert message_of(b"key: value\n" * 1_000_000) == (
        "challenge.yaml:1:1: the file is larger than 1 MiB\n"
        "  hint: keep it below 1 MiB; long texts belong in Markdown pages"
    )


def test_a_file_on_disk_is_read_no_further_than_its_limit(tmp_path: Path):
    large = tmp_path / "challenge.yaml"
    with large.open("wb") as file:
        file.truncate(40 * 1024**3)  # sparse: reading it all would take minutes

    with pytest.raises(ConfigFaults, match="larger than 1 MiB"):
        load(large)


def test_an_alias_bomb_is_refused():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, other in zip("bcdefghij", "abcdefghi", strict=True):
        lines.append(f"{one}: &{one} [{', '.join([f'*{other}'] * 9)}]")
    # A list counts itself and its items: a 10, b 91, c 820, d 7,381; with the root 8,303. In e
    # the first *d makes it 15,685 (e itself counts one), the second, in column 12, 23,066.
    assert message_of("\n".join(lines).encode()) == (
        "challenge.yaml:5:12: more than 20,000 values, aliases counted in full\n"
        "  hint: shorten the file; write values out instead of aliases"
    )


def test_an_alias_of_itself_is_refused():
    assert message_of(b"version: &loop [*loop]\n").startswith(
        "challenge.yaml:1:17: no anchor 'loop' is defined above\n"
    )


def test_a_hundred_thousand_brackets_are_refused():
    assert message_of(b"version: " + b"[" * 100_000) == (
        "challenge.yaml:1:73: nested deeper than 64 levels\n  hint: flatten this part"
    )


def test_nul_is_refused_where_it_stands():
    assert message_of(b"version: 1\nchal\x00lenge: {}\n") == (
        "challenge.yaml:2:5: the character U+0000 is not allowed in YAML\n"
        "  hint: delete that character; it is invisible in most editors"
    )


def test_text_that_is_not_utf8_is_refused_where_it_stops_being_so():
    assert message_of(b"version: 1\r\n# caf\xe9\n") == (
        "challenge.yaml:2:6: byte 0xe9 is not UTF-8 text\n  hint: save the file as UTF-8"
    )


def test_thousands_of_unknown_keys_end_in_fifty_faults_and_a_count():
    keys = b"".join(b"key-%d: 1\n" % number for number in range(9_000))
    lines = message_of(keys).split("\n")

    assert len(lines) == 50 * 2 + 1
    assert lines[-1] == "... and 450 more"
