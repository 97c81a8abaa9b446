"""Where people reach a deployment: one set of addresses, made by the target and passed on."""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from blueprint.config.model import Challenge, Embedded

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Addresses:
    """The doors of a deployment; URLs have no slash at their end."""

    site: str
    """The static site: `https://challenge.example.org`."""
    portal: str
    """Where people log in."""
    git: str
    """Below it lie the teams' repositories, `<team>.git`."""
    sftp_host: str
    sftp_port: int

    @property
    def sftp(self) -> str:
        """Host and port of the data, `host:port`, an IPv6 address in brackets."""
        return f"{bracketed(self.sftp_host)}:{self.sftp_port}"

    @property
    def is_secure(self) -> bool:
        """True where the portal is reached over TLS."""
        return self.portal.startswith("https:")

    @property
    def hosts(self) -> frozenset[str]:
        """The host names in these addresses, lower case, IPv6 without brackets.

        With those of loopback, through which tunnels and proxies on the machine come.
        """
        named = (urlsplit(url).hostname or "" for url in (self.site, self.portal, self.git))
        return frozenset({*named, *_LOOPBACK_NAMES})

    def clone_url(self, team: str, *, username: str = "") -> str:
        """Return where a team's repository is cloned from, with the name that git logs in with."""
        scheme, _, rest = self.git.partition("://")
        return f"{scheme}://{f'{username}@' if username else ''}{rest}/{team}.git"

    def submission_url(self, number: int) -> str:
        """Return the page of a submission."""
        return f"{self.portal}/submissions/{number}"

    def as_document(self) -> dict[str, Any]:
        """Return the addresses as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Listening:
    """What a platform in one process listens on."""

    address: str
    http: int
    sftp: int


def embedded_listening(challenge: Challenge) -> Listening:
    """Return what the embedded platform of a challenge listens on."""
    embedded = challenge.embedded
    return Listening(embedded.address, embedded.http, embedded.sftp)


def embedded_addresses(embedded: Embedded) -> Addresses:
    """Return the addresses of a platform in one process: everything on one host, without TLS."""
    host = _reachable(embedded.address)
    site = f"http://{bracketed(host)}:{embedded.http}"
    return Addresses(site, f"{site}/portal", f"{site}/git", host, embedded.sftp)


def noted_addresses(noted: Mapping[str, Any] | None, challenge: Challenge) -> Addresses:
    """Return the addresses that the record of a deploy has.

    The first version kept none: all that it deployed was embedded.
    """
    return read_addresses(noted) if noted else embedded_addresses(challenge.embedded)


def read_addresses(document: Mapping[str, Any]) -> Addresses:
    """Return the addresses that `as_document` gave.

    Raises:
        KeyError: They were stored by a version that kept something else.
    """
    return Addresses(
        str(document["site"]),
        str(document["portal"]),
        str(document["git"]),
        str(document["sftp_host"]),
        int(document["sftp_port"]),
    )


def bracketed(host: str) -> str:
    """Return a host as a URL has it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def _reachable(address: str) -> str:
    """Return an address that others can use: `every address of this machine` is none."""
    try:
        is_every = ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return address
    return socket.gethostname() if is_every else address
