"""Makes the static site: every page rendered from the database and the challenge alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from blueprint.addresses import Addresses
from blueprint.config.model import Challenge
from blueprint.config.schedule import Status, phase_status
from blueprint.evaluations.sets import what_is_in_force
from blueprint.platform import Platform
from blueprint.publish.board import Board
from blueprint.publish.builds import one_build_at_a_time, publish_files
from blueprint.publish.exports import render_csv, render_json
from blueprint.publish.leaderboard import render_html
from blueprint.publish.pages import Page, make_page, read_pages
from blueprint.publish.rows import read_scored
from blueprint.publish.standings import make_boards
from blueprint.publish.templating import STATIC, make_environment
from blueprint.publish.visibility import visibilities


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    name: str
    title: str


def build_site(platform: Platform, now: datetime) -> Path:
    """Make the site of what the database holds, publish it, and return its folder.

    The folder is named after its content, so that a site that has not changed is not written
    again. A reader sees the old site or the new one, never a mixture; the last two are kept.

    Args:
        platform: Its database is read in one snapshot.
        now: Decides which phases are called upcoming, open or closed, and nothing else.

    Raises:
        InputError: A page cannot be published.
    """
    with one_build_at_a_time(platform.state):
        challenge = platform.challenge
        statuses = {phase.id: phase_status(phase, now) for phase in challenge.phases}
        boards = read_boards(platform, statuses, now)
        pages = read_pages(platform.pages) if platform.pages else ()
        files = render_site(challenge, boards, statuses, pages=pages, addresses=platform.addresses)
        public_key = platform.state.keys / "receipts.pub"
        if public_key.is_file():
            files["receipt-key.pub"] = public_key.read_bytes()
        return publish_files(platform.state, files)


def render_preview(platform: Platform, now: datetime) -> dict[str, bytes]:
    """Return the leaderboard's files with hidden phases in them; nothing is published."""
    challenge = platform.challenge
    statuses = {phase.id: phase_status(phase, now) for phase in challenge.phases}
    every = [phase.id for phase in challenge.phases]
    boards = read_boards(platform, statuses, now, also=every)
    frame = {"navigation": (), "footer": (), "root": "/", "preview": True}
    return render_boards(challenge, boards, frame)


def read_boards(
    platform: Platform,
    statuses: Mapping[str, Status],
    now: datetime,
    *,
    also: Collection[str] = (),
) -> tuple[Board, ...]:
    """Return the boards of what the database holds; hidden phases are not read.

    Args:
        platform: Its database is read in one snapshot.
        statuses: Whether each phase is upcoming, open or closed.
        now: Decides which boards are shown.
        also: Hidden phases to show all the same: for organizers alone.
    """
    challenge = platform.challenge
    with platform.database.read() as connection:
        found = visibilities(connection, challenge, now)
        shown = {
            phase: replace(one, is_shown=True, is_preview=True)
            if phase in also and not one.is_shown
            else one
            for phase, one in found.items()
        }
        rows = read_scored(
            connection,
            challenge=challenge.challenge.id,
            phases=[phase for phase, one in shown.items() if one.is_shown],
        )
        in_force = what_is_in_force(connection)
    return make_boards(challenge, rows, statuses, shown=shown, in_force=in_force)


def render_site(
    challenge: Challenge,
    boards: tuple[Board, ...],
    statuses: Mapping[str, Status],
    *,
    pages: tuple[Page, ...],
    addresses: Addresses,
) -> dict[str, bytes]:
    """Return every file of the site but the key, by name: a pure function of its arguments."""
    environment = make_environment(challenge)
    index = next((page for page in pages if page.name == "index"), None)
    index = index or make_page("index", f"# {challenge.challenge.title}\n")
    others = [page for page in pages if page.name != "index"]
    links = [Link("index", "Overview"), Link("leaderboard", "Leaderboard")]
    # Agreements are read where they are accepted, in the portal; here they are in the footer.
    terms = {PurePosixPath(agreement.page).stem for agreement in challenge.people.agreements}
    links += [Link(page.name, page.title) for page in others if page.name not in terms]
    footer = [Link(page.name, page.title) for page in others if page.name in terms]

    def render(template: str, here: str, root: str = "", **values: object) -> bytes:
        frame = {"navigation": links, "footer": footer, "here": here, "root": root, **values}
        return environment.get_template(template).render(frame).encode()

    files = {f"{page.name}.html": render("page.html", page.name, page=page) for page in others}
    files["index.html"] = render(
        "index.html", "index", page=index, statuses=statuses, addresses=addresses,
        releases=challenge.data.releases,
    )  # fmt: skip
    # Served for any address that does not exist, so its links begin at the root.
    files["404.html"] = render("404.html", "", root="/")
    files |= render_boards(challenge, boards, {"navigation": links, "footer": footer})
    files |= {file.name: file.read_bytes() for file in sorted(STATIC.iterdir())}
    return files


def render_boards(
    challenge: Challenge, boards: tuple[Board, ...], frame: Mapping[str, object]
) -> dict[str, bytes]:
    """Return the leaderboard as a page and for programs, by name."""
    environment = make_environment(challenge)
    whole = {"here": "leaderboard", "root": "", "preview": False, **frame}
    return {
        "leaderboard.html": render_html(environment, boards, whole).encode(),
        "leaderboard.json": render_json(challenge, boards).encode(),
        "leaderboard.csv": render_csv(boards).encode(),
    }
