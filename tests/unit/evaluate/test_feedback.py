"""Texts for participants: harmless, bounded, and still readable."""

import pytest

from blueprint.evaluate.feedback import listed, one_line, printable


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
