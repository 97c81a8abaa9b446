"""The two mails of a registration: the link, or that the address has an account already."""

from datetime import datetime
from pathlib import Path

from blueprint.clock import to_text
from blueprint.people import outbox
from blueprint.people.accounts import Account
from blueprint.platform import Platform


def send_link(  # noqa: PLR0917
    platform: Platform, to: str, name: str, token: str, expires_at: datetime, now: datetime
) -> Path:
    """Put the mail with the link that proves an address into the outbox and return it."""
    return _put(
        platform,
        to,
        "confirm your mail address",
        f"Dear {name},\n\n"
        "somebody registered with this address. This link confirms it; you will be asked for the\n"
        f"password that you chose. It works once, until {to_text(expires_at)}:\n\n"
        f"{platform.addresses.portal}/confirm/{token}\n\n"
        "If it was not you, do nothing: without this link there is no account.\n",
        now,
    )


def tell_owner(platform: Platform, owner: Account, now: datetime) -> Path:
    """Put the mail that tells somebody of a second registration into the outbox and return it."""
    return _put(
        platform,
        owner.email,
        "you have an account already",
        f"Dear {owner.username},\n\n"
        "somebody registered with your mail address, perhaps you. Nothing was changed: you have\n"
        f"the account {owner.username!r}. Log in with it:\n\n"
        f"{platform.addresses.portal}/login\n\n"
        "or set a new password:\n\n"
        f"{platform.addresses.portal}/forgot\n",
        now,
    )


def _put(platform: Platform, to: str, subject: str, text: str, now: datetime) -> Path:
    about = platform.challenge.challenge
    mail = outbox.compose(
        sender=about.contact, to=to, subject=f"{about.title}: {subject}", text=text, now=now
    )
    return outbox.put(platform.state.outbox, mail, now)
