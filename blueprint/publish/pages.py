"""Turns the challenge's Markdown pages into HTML, without any HTML of their own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from blueprint.errors import InputError

_FIRST = ("index", "rules", "data", "evaluation", "faq")
"""The order of the pages that most challenges have; others follow by name."""
_RESERVED = frozenset({"leaderboard", "404"})
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_SIBLING = re.compile(r"([a-z0-9][a-z0-9-]{0,38})\.md(#.*)?")
_MAX_BYTES = 1_048_576
_MAX_PAGES = 100


@dataclass(frozen=True)
class Page:
    """One page of the site: `<name>.html`."""

    name: str
    title: str
    """The text of its first heading of level one, else the name in words."""
    html: Markup


def read_pages(folder: Path) -> tuple[Page, ...]:
    """Return every Markdown page of a folder, in the order of the navigation.

    Raises:
        InputError: A page cannot be read or published; all of them are named.
    """
    files = sorted(folder.glob("*.md"))[: _MAX_PAGES + 1]
    faults = [f"{file}: {fault}" for file in files if (fault := _fault(file))]
    if len(files) > _MAX_PAGES:
        faults.append(f"{folder}: more than {_MAX_PAGES} pages")
    if faults:
        raise InputError("\n".join(faults))
    pages = [make_page(file.stem, file.read_text(encoding="utf-8")) for file in files]
    return tuple(sorted(pages, key=lambda page: (_place(page.name), page.name)))


def make_page(name: str, markdown: str) -> Page:
    """Return a page; links to `other.md` become links to `other.html`."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(markdown.lstrip("\ufeff"))
    for token in _inside(tokens):
        href = token.attrGet("href")
        if isinstance(href, str) and (match := _SIBLING.fullmatch(href)):
            token.attrSet("href", f"{match[1]}.html{match[2] or ''}")
    # markdown-it escapes everything, HTML in the source included, and drops script links.
    html = Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704
    return Page(name, _title(tokens) or name.replace("-", " ").capitalize(), html)


def _inside(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inside(token.children or ())


def _title(tokens: Sequence[Token]) -> str:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            words = (child.content for child in inline.children or ())
            return "".join(words).strip()
    return ""


def _place(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def _fault(file: Path) -> str | None:
    if not _NAME.fullmatch(file.stem):
        return "a page is named with a-z, 0-9 and hyphens: its name is its address"
    if file.stem in _RESERVED:
        return f"{file.stem} is a page that the platform makes; name yours otherwise"
    if not file.is_file():
        return "is not a file"
    if file.stat().st_size > _MAX_BYTES:
        return f"is larger than {_MAX_BYTES // 1024} KiB"
    try:
        file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8"
    return None
