"""Which releases of data a person may see at a moment, and where their files lie."""

from datetime import datetime
from pathlib import Path

from blueprint.config.model import Challenge, Release
from blueprint.errors import NotFoundError
from blueprint.platform import Platform


def visible_releases(challenge: Challenge, person_ok: bool, now: datetime) -> tuple[Release, ...]:
    """Return the releases that are open, in file order; none for those who may not take part."""
    if not person_ok:
        return ()
    return tuple(release for release in challenge.data.releases if release.opens <= now)


def upcoming_releases(challenge: Challenge, now: datetime) -> tuple[Release, ...]:
    """Return the releases that open later, the next one first."""
    later = [release for release in challenge.data.releases if release.opens > now]
    return tuple(sorted(later, key=lambda release: release.opens))


def find_release(challenge: Challenge, release_id: str) -> Release:
    """Return the release of that id.

    Raises:
        NotFoundError: There is none; the hint lists those there are.
    """
    known = {release.id: release for release in challenge.data.releases}
    if release_id not in known:
        listed = ", ".join(known) or "none"
        raise NotFoundError(f"there is no release {release_id!r}", hint=f"releases: {listed}")
    return known[release_id]


def release_folder(platform: Platform, release: Release) -> Path:
    """Return the folder that holds the files of a release."""
    return platform.project / release.path
