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
_MAX_STACK = 2
_SHOWS_NOTHING = frozenset(
    map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
) | frozenset([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
"""Characters that draw nothing though Unicode calls them letters, signs or marks."""


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
    becomes one hyphen. No more is looked at than a name may have.
    """
    plain = (
        unicodedata.normalize("NFKD", name[:_MAX_TEAM_NAME])
        .encode("ascii", "ignore")
        .decode("ascii")
        .lower()
    )
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:39].strip("-")


def team_name_fault(name: str) -> str | None:
    """Return why `name` cannot name a team, or None.

    A leaderboard shows it beside the others, so no two may look the same: one script (Latin, as
    the repository's address needs its letters), digits 0-9, no mark that stays apart from its
    letter when composed, no blank but the plain one.
    """
    if fault := line_fault(name, max_length=_MAX_TEAM_NAME):
        return fault
    for character in unicodedata.normalize("NFC", name):
        if fault := _odd_character(character):
            return fault
    slug = team_slug(name)
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

    Invisible characters and piles of combining signs are refused: they could reverse, hide or
    overwrite what a page shows. The length is judged first, whatever the text holds.
    """
    if not text.strip():
        return "is empty"
    if len(text) > max_length:
        return f"is longer than {max_length} characters"
    if any(unicodedata.category(sign)[0] == "C" or ord(sign) in _SHOWS_NOTHING for sign in text):
        return "holds invisible or control characters"
    if any(unicodedata.category(character) in ("Zl", "Zp") for character in text):
        return "holds a line break"
    if _highest_stack(text) > _MAX_STACK:
        return "holds letters with many combining signs on them"
    return None


def _highest_stack(text: str) -> int:
    """Return how many combining signs stand on one letter at most, composed as far as can be."""
    highest = stack = 0
    for character in unicodedata.normalize("NFC", text):
        stack = stack + 1 if unicodedata.category(character)[0] == "M" else 0
        highest = max(highest, stack)
    return highest


def _odd_character(character: str) -> str | None:
    """Return why a character of a composed text cannot be in a team's name, or None."""
    if character.isascii():
        return None
    kind = unicodedata.category(character)
    told = f"holds {character!r} ({unicodedata.name(character, 'a character without a name')})"
    if kind[0] == "L" and not _is_latin(character):
        return f"{told}: use letters of one script, a to z and their accented forms"
    if kind[0] == "M":
        return "holds a combining sign that belongs to no letter before it"
    if kind[0] == "N":
        return f"{told}: use the digits 0 to 9"
    return f"{told}: use the plain blank" if kind[0] == "Z" else None


def _is_latin(letter: str) -> bool:
    """Tell whether a letter is one of the Latin script as books print it, no look-alike form."""
    base = unicodedata.normalize("NFD", letter)[0]
    return unicodedata.name(letter, "").startswith("LATIN ") and ord(base) < 0x0180  # noqa: PLR2004
