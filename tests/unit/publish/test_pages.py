"""Markdown pages become HTML, and nothing in them runs."""

import pytest

from blueprint.errors import InputError
from blueprint.publish.pages import make_page, read_pages


def test_pages_come_in_the_order_of_the_navigation(tmp_path):
    for name in ("zebra", "faq", "agreement", "rules", "index"):
        (tmp_path / f"{name}.md").write_text(f"# About {name}\n")
    (tmp_path / "notes.txt").write_text("not a page")

    pages = read_pages(tmp_path)

    assert [page.name for page in pages] == ["index", "rules", "faq", "agreement", "zebra"]
    assert pages[1].title == "About rules"


def test_a_page_without_a_heading_is_titled_by_its_name():
    assert make_page("terms-of-use", "Be kind.").title == "Terms of use"


def test_a_heading_with_markup_gives_its_plain_text_as_title():
    assert make_page("x", "# The `T1` *images*\n").title == "The T1 images"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
    ],
)
def test_nothing_in_a_page_runs(hostile):
    html = make_page("x", hostile).html

    assert "<script" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert 'src="javascript' not in html
    assert 'href="data:text' not in html


def test_links_between_pages_lead_to_the_pages():
    html = make_page("x", "[a](rules.md) [b](faq.md#when) [c](https://example.org/notes.md)").html

    assert 'href="rules.html"' in html
    assert 'href="faq.html#when"' in html
    assert 'href="https://example.org/notes.md"' in html


def test_tables_are_tables():
    assert "<table>" in make_page("x", "| a | b |\n|---|---|\n| 1 | 2 |\n").html


def test_every_page_that_cannot_be_published_is_named(tmp_path):
    (tmp_path / "leaderboard.md").write_text("# Mine\n")
    (tmp_path / "Big Page.md").write_text("# Big\n")
    (tmp_path / "latin.md").write_bytes(b"\xff\xfe")
    (tmp_path / "long.md").write_text("x" * 1_048_577)
    (tmp_path / "folder.md").mkdir()

    with pytest.raises(InputError) as raised:
        read_pages(tmp_path)

    faults = str(raised.value)
    assert "leaderboard is a page that the platform makes" in faults
    assert "Big Page.md: a page is named with a-z, 0-9 and hyphens" in faults
    assert "latin.md: is not UTF-8" in faults
    assert "long.md: is larger than 1024 KiB" in faults
    assert "folder.md: is not a file" in faults
