"""Checks of the section `server`: which hosts there are, and what each of them is for."""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import Host
from blueprint.config.model.server import MailServer

_HOSTS: KeyPath = ("server", "hosts")
_ONE_MAIN = "one host with the role main"
_A_RUNNER = "at least one host with the role runner"


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of hosts, of their roles, and of mail."""
    if draft.document.at(("target",)) == "server" and draft.document.at(("server",)) is None:
        yield draft.document.fault(
            ("target",),
            "'server', and there is no section `server`",
            hint="add it: challenge.example.yaml shows one with every key explained",
            value="server",
            rule="a section `server`",
        )
    hosts = _hosts(draft)
    yield from _addresses_differ(draft, hosts)
    yield from _roles_once(draft, hosts)
    yield from _gpus_where_they_are_used(draft, hosts)
    if len(hosts) == len(_raw(draft)):  # a host at fault may be the one that is missed
        yield from _main_and_runner(draft, hosts)
    yield from _mail(draft)


def _raw(draft: Draft) -> list[KeyPath]:
    raw = draft.document.at(_HOSTS)
    return [(*_HOSTS, str(name)) for name in raw] if isinstance(raw, dict) else []


def _hosts(draft: Draft) -> list[tuple[KeyPath, Host]]:
    parts = ((path, draft.part(path, Host)) for path in _raw(draft))
    return [(path, host) for path, host in parts if host is not None]


def _addresses_differ(draft: Draft, hosts: list[tuple[KeyPath, Host]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, host in hosts:
        known = first.setdefault(host.address.lower(), draft.document.path_text(path))
        if known != draft.document.path_text(path):
            yield draft.document.fault(
                (*path, "address"),
                f"'{host.address}' is already the address of {known}",
                hint="give each machine one entry: `roles: [main, runner]` gives one both tasks",
                value=host.address,
                rule="unique",
            )


def _roles_once(draft: Draft, hosts: list[tuple[KeyPath, Host]]) -> Iterator[Fault]:
    for path, host in hosts:
        if len(set(host.roles)) < len(host.roles):
            yield draft.document.fault(
                (*path, "roles", 1),
                f"'{host.roles[1]}' is given twice",
                hint="keep one of the two",
                value=host.roles[1],
                rule="unique",
            )


def _gpus_where_they_are_used(draft: Draft, hosts: list[tuple[KeyPath, Host]]) -> Iterator[Fault]:
    for path, host in hosts:
        if host.gpus and "runner" not in host.roles:
            yield draft.document.fault(
                (*path, "gpus"),
                f"{host.gpus}, but this host evaluates nothing",
                hint="add the role `runner`, or leave `gpus` out",
                value=host.gpus,
                rule="GPUs of a host with the role runner",
            )


def _main_and_runner(draft: Draft, hosts: list[tuple[KeyPath, Host]]) -> Iterator[Fault]:
    if not hosts:
        return
    mains = [path for path, host in hosts if "main" in host.roles]
    if len(mains) > 1:
        others = " and ".join(draft.document.path_text(path) for path in mains[:-1])
        yield draft.document.fault(
            (*mains[-1], "roles"),
            f"{others} has the role main already",
            hint="keep one main host; an evaluation host says `roles: [runner]`",
            rule=_ONE_MAIN,
        )
    if not mains:
        yield draft.document.fault(
            _HOSTS,
            "no host has the role main: there is nothing that people reach",
            hint="leave `roles` out at one of them, or write `roles: [main]`",
            rule=_ONE_MAIN,
        )
    if not any("runner" in host.roles for _, host in hosts):
        yield draft.document.fault(
            _HOSTS,
            "no host has the role runner: nothing would be evaluated",
            hint="add a host with `roles: [runner]`, or give one both: `roles: [main, runner]`",
            rule=_A_RUNNER,
        )


def _mail(draft: Draft) -> Iterator[Fault]:
    mail = draft.part(("server", "mail"), MailServer)
    if mail is not None and mail.username is not None and mail.security == "none":
        yield draft.document.fault(
            ("server", "mail", "security"),
            "'none' would send the password readable to everybody on the way",
            hint="write `security: starttls` or `security: tls`, or leave `username` out",
            value="none",
            rule="a password over TLS alone",
        )
