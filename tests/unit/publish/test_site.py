"""The whole site: sound HTML that runs nothing, the same bytes for the same data."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from blueprint.publish.site import build_site

VOID = {"meta", "link", "br", "hr", "img", "input"}
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "=1+1",
    "W" * 80, "مرحبا عالم", "O\u202ereversed", "a\x00b", "&lt;b&gt;",
]  # fmt: skip


class Reader(HTMLParser):
    """Reads a page strictly: every tag is closed in order, every attribute is harmless."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note ids and links, and whatever could run."""
        if tag in ("script", "style", "iframe", "object", "form"):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.faults.append(f"{tag} {name}={value}")
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        """Collect what people read."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """What people read, with single spaces."""
        return " ".join("".join(self.words).split())


def read(folder: Path, name: str = "leaderboard.html") -> Reader:
    reader = Reader()
    reader.feed((folder / name).read_text(encoding="utf-8"))
    reader.close()
    assert reader.faults == []
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    return reader


def build(stage: Any) -> Path:
    return Path(build_site(stage.platform, stage.now))


def fill(stage: Any, names: list[str], cases: int = 8) -> None:
    for number, name in enumerate(names):
        dice = [0.9 - 0.01 * number - 0.002 * (case * 7 % 5) for case in range(cases)]
        stage.score(
            f"team-{number}", {"dice": dice, "hd95": [10 * (1 - v) for v in dice]}, name=name
        )


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_any_number_of_teams_makes_a_sound_page(stage, count):
    fill(stage, [f"Team {number}" for number in range(count)])

    page = read(build(stage))

    assert all(f"Team {number}" in page.text for number in range(count))
    assert ("No submission has been scored yet." in page.text) == (count == 0)
    assert "Final phase upcoming" in page.text


def test_hostile_names_are_text_and_nothing_else(stage):
    fill(stage, HOSTILE)

    page = read(build(stage))

    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert "O\N{REPLACEMENT CHARACTER}reversed" in page.text


def test_the_page_says_all_that_a_reader_needs_to_judge_it(stage):
    fill(stage, ["Alpha", "Beta"])

    text = read(build(stage)).text

    for words in (
        "This is a demonstration set.",
        "Alpha", "0.896", "1.04", "2027-06-10 08:01", "code",
        "There are only 8 cases.",
        "Within each case and metric, the teams are ranked",
        "95th percentile of the distances",
        "it counts with the worst value (Dice 0 and HD95 the diagonal of the case's volume in mm)",
        "Stability, not confidence",
        "all 128 patterns of signs",
        "Latest result 10 June 2027, 08:02 UTC",
    ):  # fmt: skip
        assert words in text


def test_every_link_within_the_site_leads_somewhere(make_stage):
    stage = make_stage(about={"pages": "pages"})
    pages = stage.platform.project / "pages"
    pages.mkdir()
    (pages / "index.md").write_text("# Welcome\n\nSee the [rules](rules.md).\n")
    (pages / "rules.md").write_text("# Rules\n\nBack to the [start](index.md).\n")
    fill(stage, ["Alpha", "Beta"])

    folder = build(stage)

    for name in ("index.html", "rules.html", "leaderboard.html", "404.html"):
        for link in read(folder, name).links:
            if link.startswith(("mailto:", "/portal/", "#")):
                continue
            assert (folder / link.removeprefix("/").partition("#")[0]).is_file(), link


def test_an_agreement_is_linked_in_the_footer_alone(make_stage):
    stage = make_stage(
        about={"pages": "pages"}, people={"agreements": [{"id": "use", "page": "terms.md"}]}
    )
    pages = stage.platform.project / "pages"
    pages.mkdir()
    (pages / "terms.md").write_text("# Terms of use\n")
    (pages / "rules.md").write_text("# Rules\n")

    html = (build(stage) / "index.html").read_text(encoding="utf-8")

    assert html.count("terms.html") == 1
    assert html.index("rules.html") < html.index("<main") < html.index("terms.html")


def test_the_front_page_says_when_and_how(stage):
    text = read(build(stage), "index.html").text

    assert "git clone http://127.0.0.1:8080/git/YOUR-TEAM.git" in text
    assert "sftp -P 2022 YOUR-USER-NAME@127.0.0.1" in text
    assert "Preliminary phase open" in text
    assert "1 June 2027, 00:00 UTC to" in text
    assert "Training set version 1.0.0" in text


def test_a_hidden_phase_leaves_no_trace_in_any_file(make_stage):
    stage = make_stage(phase={"board": {"visible": "hidden"}})
    stage.score("secret-team", {"dice": [0.123456] * 8, "hd95": [4.5678] * 8}, name="Secret Team")

    folder = build(stage)

    assert "kept back until the organizers publish them" in read(folder).text
    for file in folder.iterdir():
        content = file.read_text(encoding="utf-8")
        assert not re.search(r"secret|0\.123|4\.567", content, re.IGNORECASE), file.name


def test_the_same_data_make_the_same_bytes(make_stage):
    first, second = make_stage(), make_stage()
    for stage in (first, second):
        fill(stage, HOSTILE)

    one, other = build(first), build(second)

    assert one.name == other.name
    assert one != other
    assert contents(one) == contents(other)


def test_the_moment_changes_nothing_but_the_status_of_phases(stage):
    fill(stage, ["Alpha", "Beta"])
    before = contents(build(stage))
    stage.now = stage.now.replace(day=16)
    assert contents(build(stage)) == before

    stage.now = stage.now.replace(month=9)
    after = contents(build(stage))

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"index.html", "leaderboard.html", "leaderboard.json"}


def test_the_receipts_public_key_is_published(stage):
    assert (build(stage) / "receipt-key.pub").read_text() == "ed25519:AAAA\n"


def test_the_page_has_no_text_of_an_organizer_unescaped(make_stage):
    stage = make_stage(about={"title": "<b>Brains</b>", "notice": "<script>alert(1)</script>"})

    assert "<script>alert(1)</script>" in read(build(stage)).text


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}
