"""The templates of the site: everything escaped, nothing undefined."""

from datetime import datetime, tzinfo
from functools import partial

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from blueprint import __version__
from blueprint.clock import to_text
from blueprint.config.model import Challenge
from blueprint.config.units import parse_zone
from blueprint.publish import moments, wording
from blueprint.publish.names import visible
from blueprint.resources import package_folder

STATIC = package_folder() / "publish" / "static"


def make_environment(challenge: Challenge) -> Environment:
    """Return the environment in which the site of a challenge is rendered."""
    environment = Environment(
        loader=FileSystemLoader(package_folder() / "publish" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    zone = parse_zone(challenge.challenge.timezone)
    environment.filters |= {
        "beside": wording.beside_words,
        "iso": to_text,
        "local": partial(_local, zone),
        "name": visible,
        "phase_title": wording.phase_title,
        "rank": wording.rank_text,
        "rank_set": wording.set_text,
        "short_utc": moments.short_utc,
        "utc": moments.utc,
    }
    environment.globals |= {
        "about": challenge.challenge,
        "challenge": challenge,
        "version": __version__,
    }
    return environment


def _local(zone: tzinfo, moment: datetime) -> str:
    return moments.local(moment, zone)
