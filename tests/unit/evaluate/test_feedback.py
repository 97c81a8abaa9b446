"""Texts for participants: harmless, bounded, and still readable."""

from pathlib import Path

import pytest

from blueprint.desk.port import MAX_LOG_BYTES
from blueprint.evaluate.feedback import listed, one_line, printable, write_log


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"plain\n\ttext", "plain\n\ttext"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07after", "after"),
        (b"\x1b]8;;http://x\x1b\\link", "link"),
        (b"\x1b(", "\N{REPLACEMENT CHARACTER}("),
        (b"10 %\r20 %\r\n30 %", "10 %\n20 %\n30 %"),
        (b"a\x00b\x08c", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"),
        ("abc\u202ecba", "abc\N{REPLACEMENT CHARACTER}cba"),
        ("\u200b\u2028", "\N{REPLACEMENT CHARACTER}" * 2),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        ("Größe 3 µm ≤ 4", "Größe 3 µm ≤ 4"),
    ],
)
def test_nothing_that_steers_a_terminal_or_a_page_is_left(raw: bytes | str, expected: str) -> None:
    assert printable(raw) == expected


def test_a_name_becomes_one_short_line() -> None:
    assert one_line("a\nb\tc") == "a b c"
    assert one_line("x" * 500) == "x" * 119 + "…"


def test_long_lists_say_how_many_more() -> None:
    assert listed(["a", "b"]) == "a; b"
    assert listed(["a", "b", "c", "d"], most=2) == "a; b; and 2 more"


def test_a_log_keeps_its_end_within_64_kib(tmp_path: Path) -> None:
    write_log(tmp_path / "logs" / "7.log", "é" * 100_000 + "the end\n")

    content = (tmp_path / "logs" / "7.log").read_bytes()
    assert len(content) <= MAX_LOG_BYTES
    assert content.startswith(b"[the beginning is left out: a log is at most 64 KiB]\n")
    assert content.decode("utf-8").endswith("ééthe end\n")


def test_a_short_log_is_written_as_it_is(tmp_path: Path) -> None:
    write_log(tmp_path / "7.log", "one\n")
    write_log(tmp_path / "7.log", "one\ntwo\n")

    assert (tmp_path / "7.log").read_text("utf-8") == "one\ntwo\n"
    assert [path.name for path in tmp_path.iterdir()] == ["7.log"]
