"""Pebble: an ACME authority that validates for real, with the name server that it asks."""

import json
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.stack.bench import golang, versions
from tests.stack.bench.certificates import Certificate, make_certificate
from tests.stack.bench.running import answers, free_ports, listens, running, server_folder

_MODULE = "github.com/letsencrypt/pebble/v2/cmd"


@dataclass(frozen=True)
class AcmeServer:
    """A Pebble that runs; what it knows is in memory, so its accounts die with it."""

    directory: str
    """The ACME directory; its own certificate is signed by `authority`."""
    http_port: int
    """Where it looks for the answer to HTTP-01."""
    authority: Path
    """What a client must trust to speak to the directory; it does not sign what is issued."""
    management_url: str
    """`/roots/0` is the root of what is issued."""
    dns: str
    """HOST:PORT of the name server; every name has the address that it was started with."""
    dns_management_url: str
    """Of challtestsrv: POST /add-a, /clear-a, ... change what the name server answers."""
    account_key_id: str
    account_key: str
    """External account binding: empty unless it is required. Base64url, as certbot wants it."""

    def issuing_root(self) -> bytes:
        """Return the root certificate of everything issued, in PEM."""
        trusted = ssl.create_default_context(cafile=str(self.authority))
        answer = httpx.get(f"{self.management_url}/roots/0", verify=trusted, trust_env=False)
        return answer.raise_for_status().content

    def point(self, name: str, address: str) -> None:
        """Have the name server answer `address` (IPv4) for `name` from now on."""
        record = {"host": f"{name}.", "addresses": [address]}
        for path in ("/clear-a", "/add-a"):  # adding alone would make it one of several
            url = self.dns_management_url + path
            httpx.post(url, json=record, trust_env=False).raise_for_status()


def pebble_program() -> Path:
    """Return the ACME server, built on first use (5 s)."""
    return golang.ensure_program(f"{_MODULE}/pebble", versions.PEBBLE)


def name_server_program() -> Path:
    """Return the name server that belongs to Pebble, built on first use."""
    return golang.ensure_program(f"{_MODULE}/pebble-challtestsrv", versions.PEBBLE)


@contextmanager
def run_pebble(
    *,
    listen: str = "127.0.0.1",
    every_name_is: str = "127.0.0.1",
    http_port: int = 80,
    requires_account: bool = False,
) -> Iterator[AcmeServer]:
    """Run an ACME authority and its name server.

    Args:
        listen: The address of both; hosts reach the engine's gateway, not loopback.
        every_name_is: The IPv4 address that every name has, unless `point` says another.
        http_port: Where HTTP-01 is validated. Real hosts answer on 80.
        requires_account: Refuse accounts without external account binding.
    """
    program, name_server = pebble_program(), name_server_program()
    with server_folder("acme") as folder:
        port, management_port, dns_port, dns_management_port = free_ports(4, listen)
        certificate = make_certificate(folder, [listen, "localhost", "pebble"])
        key_id, key = ("bench-kid", secrets.token_urlsafe(48)) if requires_account else ("", "")
        server = AcmeServer(
            directory=f"https://{listen}:{port}/dir",
            http_port=http_port,
            authority=certificate.authority,
            management_url=f"https://{listen}:{management_port}",
            dns=f"{listen}:{dns_port}",
            dns_management_url=f"http://{listen}:{dns_management_port}",
            account_key_id=key_id, account_key=key,
        )  # fmt: skip
        configuration = folder / "pebble.json"
        configuration.write_text(json.dumps({"pebble": _settings(server, certificate)}))
        with (
            running(
                [name_server, "-defaultIPv4", every_name_is, "-defaultIPv6", "",
                 "-dnsserver", server.dns, "-management", f"{listen}:{dns_management_port}",
                 "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""],
                log=folder / "dns.log", is_ready=listens(listen, dns_management_port),
            ),
            running(
                [program, "-config", configuration, "-dnsserver", server.dns],
                log=folder / "log", env={"PEBBLE_VA_NOSLEEP": "1"},
                is_ready=answers(server.directory, authority=server.authority),
            ),
        ):  # fmt: skip
            yield server


def _settings(server: AcmeServer, files: Certificate) -> dict[str, object]:
    accounts = {server.account_key_id: server.account_key} if server.account_key_id else {}
    return {
        "listenAddress": server.directory.split("/")[2],
        "managementListenAddress": server.management_url.split("/")[2],
        "certificate": str(files.certificate), "privateKey": str(files.key),
        "httpPort": server.http_port, "tlsPort": 5001, "ocspResponderURL": "",
        "externalAccountBindingRequired": bool(accounts),
        "externalAccountMACKeys": accounts,
        "retryAfter": {"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",
        # One profile: of several, it would choose at random.
        "profiles": {"default": {"description": "90 days", "validityPeriod": 90 * 86_400}},
    }  # fmt: skip
