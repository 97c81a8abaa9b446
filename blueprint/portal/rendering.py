"""Renders the portal's templates: everything escaped, nothing undefined."""

from datetime import UTC, datetime, timedelta

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from blueprint import __version__
from blueprint.addresses import Addresses
from blueprint.clock import to_text
from blueprint.config.model import Challenge
from blueprint.ledger.words import label_of
from blueprint.portal.services import PortalServices
from blueprint.resources import package_folder

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


class Templates:
    """The portal's templates, with what all of them show."""

    def __init__(
        self,
        challenge: Challenge,
        services: PortalServices,
        addresses: Addresses,
        *,
        keeps_passwords: bool,
    ) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(package_folder() / "portal" / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "utc": utc,
            "clock": clock,
            "iso": to_text,
            "span": span,
            "label": label_of,
        }
        self._environment.globals |= {
            "challenge": challenge,
            "keeps_passwords": keeps_passwords,
            "about": challenge.challenge,
            "services": services,
            "addresses": addresses,
            "version": __version__,
        }

    def render(self, name: str, **values: object) -> str:
        """Return the page as HTML."""
        return self._environment.get_template(name).render(**values)


def utc(moment: datetime) -> str:
    """Return a moment as people read it, `15 June 2027, 12:00 UTC`."""
    return f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def clock(moment: datetime) -> str:
    """Return date and time with seconds, for lines below each other, `2027-06-15 12:00:05`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def span(length: timedelta) -> str:
    """Return a length of time in its largest fitting unit, `42 s`, `5 min`, `3 h`, `2 days`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S} min"
    if seconds < 2 * _DAY_S:
        return f"{seconds // _HOUR_S} h"
    return f"{seconds // _DAY_S} days"
