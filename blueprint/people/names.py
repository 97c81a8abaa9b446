"""Judges the names that people give: usernames, team names, addresses, and lines of text."""

import re
import unicodedata

RESERVED = frozenset({
    "about", "abuse", "account", "admin", "administrator", "agreement", "all", "anonymous",
    "api", "audit", "baseline", "challenge", "challenges", "daemon", "data", "diychallenge",
    "everyone", "forgot", "git", "guest", "healthz", "help", "hook", "hostmaster", "internal",
    "keys", "leaderboard", "login", "logout", "mail", "me", "moderator", "nobody", "none",
    "null", "operator", "organiser", "organisers", "organizer", "organizers", "owner",
    "participant", "participants", "people", "platform", "portal", "postmaster", "public",
    "register", "release", "releases", "reset", "root", "security", "server", "sftp", "site",
    "ssh", "staff", "static", "submission", "submissions", "support", "sysadmin", "system",
    "team", "teams", "tokens", "undefined", "unknown", "user", "users", "webmaster", "www",
})  # fmt: skip
"""Names that would look official or collide with an address of the platform."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,63}"
)
_MAX_EMAIL = 254
_MAX_TEAM_NAME = 80


def username_fault(username: str) -> str | None:
    """Return why `username` cannot be one, or None."""
    if not _SLUG.fullmatch(username) or not re.search("[a-z]", username):
        return (
            "use 1 to 39 small letters a-z, digits and hyphens, with at least one letter, "
            "not beginning with a hyphen"
        )
    if username in RESERVED:
        return f"{username!r} is reserved; choose another"
    return None


def team_slug(name: str) -> str:
    """Return the slug that a team's name becomes (it names the repository); may be empty.

    Letters with marks lose them (`Zürich` is `zurich`); everything else that is not a-z or 0-9
    becomes one hyphen.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:39].strip("-")


def team_name_fault(name: str) -> str | None:
    """Return why `name` cannot name a team, or None."""
    slug = team_slug(name)
    if fault := line_fault(name, max_length=_MAX_TEAM_NAME):
        return fault
    if not re.search("[a-z]", slug):
        return "needs at least one letter a-z: the name also becomes the repository's address"
    if slug in RESERVED:
        return f"{name!r} is reserved; choose another"
    return None


def email_fault(email: str) -> str | None:
    """Return why `email` is no address that mail could be sent to, or None."""
    if len(email) > _MAX_EMAIL or not _EMAIL.fullmatch(email) or ".." in email:
        return "is not a mail address such as ada@example.org"
    return None


def line_fault(text: str, *, max_length: int) -> str | None:
    """Return why `text` is not one visible line, or None.

    Invisible characters are refused: they could reverse or hide what a leaderboard shows.
    """
    if not text.strip():
        return "is empty"
    if len(text) > max_length:
        return f"is longer than {max_length} characters"
    if any(unicodedata.category(character)[0] == "C" for character in text):
        return "holds invisible or control characters"
    if any(unicodedata.category(character) in ("Zl", "Zp") for character in text):
        return "holds a line break"
    return None
