"""Names that strangers chose are shown as they are, and do nothing."""

import pytest

from blueprint.publish.names import formula_safe, shortened, visible


@pytest.mark.parametrize("name", ["Zürich Lab", "チーム", "فريق", "O'Neil & Söhne <3", "🧠 team"])
def test_names_of_any_script_are_left_alone(name):
    assert visible(name) == name


@pytest.mark.parametrize("character", ["\x00", "\n", "\u202e", "\u200b", "\u2028", "\ud800"])
def test_invisible_and_reversing_characters_become_visible(character):
    assert visible(f"a{character}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_a_long_name_is_cut_to_fit_and_says_so():
    assert shortened("short", 10) == "short"
    assert shortened("a" * 30, 10) == "a" * 9 + "…"
    assert len(shortened("W" * 80, 18)) < 12


def test_a_name_that_is_no_formula_is_left_alone():
    assert formula_safe("Team = best") == "Team = best"
