"""A realm as a challenge wants it, with a name of its own for each test."""

import dataclasses
import secrets
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from keycloak import KeycloakOpenIDConnection

from blueprint.adapters.keycloak import KeycloakRealm, ServiceLogin
from blueprint.provision.changes import Change
from blueprint.provision.identity import converge_identity
from blueprint.provision.wanted_identity import WantedRealm, wanted_realm
from tests.bundles import plan_of
from tests.stack.bench.keycloak import KeycloakServer


class Cut(BaseException):
    """The process was killed here: nothing catches this."""


class Wire:
    """Notes what is written to Keycloak; after so many writes the process is gone."""

    def __init__(self, cut_after: int | None = None) -> None:
        self.writes: list[str] = []
        self._cut_after = cut_after

    def connect(self, **options: Any) -> KeycloakOpenIDConnection:
        """Return a connection whose writes are noted (asking for a token is none)."""
        connection = KeycloakOpenIDConnection(**options)
        for verb in ("post", "put", "delete"):
            name = f"raw_{verb}"
            setattr(connection, name, partial(self._write, verb, getattr(connection, name)))
        return connection

    def _write(self, verb: str, send: Any, path: str, *args: Any, **options: Any) -> Any:
        answer = send(path, *args, **options)
        self.writes.append(f"{verb.upper()} {path}")
        if len(self.writes) == self._cut_after:
            raise Cut
        return answer


@dataclass
class Provisioned:
    """One wanted realm on a server."""

    server: KeycloakServer
    folder: Path
    name: str = field(default_factory=lambda: f"demo{secrets.token_hex(4)}")
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # `gpus` has a mail server with a password: the most that a realm can need
        self.plan = plan_of("gpus", self.folder)
        self.wanted: WantedRealm = dataclasses.replace(wanted_realm(self.plan), name=self.name)
        names = {one.secret for one in self.wanted.clients} | {"mail-password"}
        self.secrets = {name: secrets.token_urlsafe(32) for name in sorted(names)}

    @property
    def login(self) -> ServiceLogin:
        """The service account that Keycloak begins with."""
        server = self.server
        return ServiceLogin(server.url, "master", server.client_id, server.client_secret)

    def realm(self, wire: Wire | None = None, login: ServiceLogin | None = None) -> KeycloakRealm:
        """Return the realm as the provisioning sees it."""
        return KeycloakRealm(login or self.login, self.name, connect=(wire or Wire()).connect)

    def converge(self, wire: Wire | None = None, login: ServiceLogin | None = None) -> list[str]:
        """Bring the realm to the wanted state and return what was changed."""
        changes: list[str] = []

        def report(change: Change) -> None:
            changes.append(str(change).replace(self.name, "demo"))

        converge_identity(self.realm(wire, login), self.wanted, self.secrets, report)
        return changes
