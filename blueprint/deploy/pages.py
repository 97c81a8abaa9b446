"""Puts the Markdown pages in force as a copy, and keeps agreements as people accepted them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from blueprint.config.model import Agreement, Challenge
from blueprint.database.connection import Database
from blueprint.database.schema import acceptances
from blueprint.deploy.record import Record
from blueprint.editions import put_edition
from blueprint.errors import InputError
from blueprint.publish.pages import read_pages
from blueprint.state import StateFolder


def pages_digest(project: Path, challenge: Challenge) -> str:
    """Return a digest of the Markdown pages beside challenge.yaml, so that an edit is noticed."""
    digest = hashlib.sha256()
    for name, content in page_sources(project, challenge).items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def demand_pages(project: Path, challenge: Challenge) -> None:
    """Make sure that every page can be published.

    Raises:
        InputError: One cannot; all of them are named.
    """
    if challenge.challenge.pages is not None:
        read_pages(project / challenge.challenge.pages)


def freeze_pages(state: StateFolder, project: Path, challenge: Challenge) -> None:
    """Copy the pages into the state folder; edits beside challenge.yaml wait for a deploy.

    Idempotent: the same pages are the same copy.
    """
    if challenge.challenge.pages is not None:
        put_edition(state.page_editions, state.pages, page_sources(project, challenge))


def changed_agreements(
    database: Database, state: StateFolder, project: Path, challenge: Challenge, before: Record
) -> tuple[str, ...]:
    """Return in words which agreements have another text now under the same version.

    What a person accepted is pinned by a checksum of the text. A text that changes under its
    number would make two people's "version 1" two different things.
    """
    frozen = {
        (item["id"], item["version"]): state.pages / item["page"]
        for item in before.plan.challenge["people"]["agreements"]
    }
    told = []
    for agreement in challenge.people.agreements:
        page = project / str(challenge.challenge.pages) / agreement.page
        known = _accepted(database, agreement)
        copy = frozen.get((agreement.id, agreement.version))
        if copy is not None and copy.is_file():
            known = known | {_sha256(copy)}
        if known and _sha256(page) not in known:
            told.append(
                f"agreement {agreement.id}: {page.relative_to(project)} was changed, and its"
                f" version is still {agreement.version}"
            )
    return tuple(told)


def demand_agreements_kept(
    database: Database, state: StateFolder, project: Path, challenge: Challenge, before: Record
) -> None:
    """Refuse another text under the version that people accept or have accepted.

    Raises:
        InputError: An agreement was edited and its version was not raised.
    """
    told = changed_agreements(database, state, project, challenge, before)
    if told:
        raise InputError(
            "\n".join(told),
            hint="raise its `version` in challenge.yaml, and everybody is asked again; or put the"
            f" text back as it is in {state.pages}",
        )


def _accepted(database: Database, agreement: Agreement) -> frozenset[str]:
    query = (
        select(acceptances.c.text_sha256)
        .where(acceptances.c.agreement == agreement.id, acceptances.c.version == agreement.version)
        .distinct()
    )
    with database.read() as connection:
        return frozenset(connection.execute(query).scalars())


def page_sources(project: Path, challenge: Challenge) -> Mapping[str, bytes]:
    """Return the Markdown pages beside challenge.yaml, name to content."""
    pages = challenge.challenge.pages
    if pages is None:
        return {}
    return {file.name: file.read_bytes() for file in sorted((project / pages).glob("*.md"))}


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
