"""What the portal needs of whatever says who somebody is: our passwords here, OIDC on servers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from blueprint.errors import BlueprintError


@dataclass(frozen=True)
class LoginRequest:
    """A browser that wants to log in, or comes back from logging in elsewhere."""

    fields: Mapping[str, str]
    """The posted form, or the parameters of the address that the provider sent them to."""
    address: str
    """Where the request came from."""
    now: datetime
    kept: str = ""
    """What `begin` gave this browser to keep; empty when it brings nothing of the kind."""


@dataclass(frozen=True)
class AskPassword:
    """`begin`: show the form with username and password, and post it to `finish`."""


@dataclass(frozen=True)
class GoTo:
    """`begin`: send the browser to `url`; it comes back to `finish` with what it keeps."""

    url: str
    keep: str


@dataclass(frozen=True)
class Claims:
    """Who somebody is, as the identity says."""

    issuer: str
    subject: str
    """What the issuer calls them, the same for ever and nobody else's."""
    username: str
    """What they would like to be called."""
    email: str
    is_email_verified: bool
    name: str = ""


class LoginRefusedError(BlueprintError):
    """A login that comes to nothing: a sentence for the person, and the HTTP status to answer."""

    def __init__(self, message: str, *, status: int = 401) -> None:
        super().__init__(message)
        self.status = status


class Identity(Protocol):
    """Says who somebody is, and nothing about what they may do."""

    @property
    def issuer(self) -> str:
        """The name under which its accounts are kept."""

    @property
    def keeps_passwords(self) -> bool:
        """True where accounts are made and passwords are set here, in the portal."""

    def begin(self, request: LoginRequest) -> AskPassword | GoTo:
        """Return what to do with a browser that wants to log in.

        Raises:
            LoginRefusedError: The provider cannot be reached.
        """

    def finish(self, request: LoginRequest) -> Claims:
        """Return who logged in.

        Raises:
            LoginRefusedError: Nobody did; the reason is for the person.
        """
