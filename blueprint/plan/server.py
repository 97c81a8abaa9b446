"""What a challenge comes to on servers: hosts, services, containers and all that they need.

Everything is a plain, frozen value that JSON can say. Services contribute to it, templates and
roles read it, `plan` shows it, and two of them compared are what a deploy would change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

SSH_PORT = 22
SecretKind = Literal["password", "ssh-key", "authority", "certificate", "composed", "given"]
"""password: 32 random bytes as 43 letters; ssh-key: Ed25519; authority and certificate: of the
deployment's own CA; composed: a file made of other secrets; given: the admin puts it there."""
VolumeKind = Literal["data", "cache"]
"""data: people or the platform would miss it; cache: it is made again."""


@dataclass(frozen=True)
class Secret:
    """Something that lies in the secrets folder, and nowhere in the bundle."""

    name: str
    """The file in the secrets folder."""
    kind: SecretKind
    meaning: str
    source: str | None = None
    """Of a given one: the file that challenge.yaml names, where it does."""
    parts: tuple[tuple[str, str], ...] = ()
    """Of a composed one: lines `key=value`, each a key and the name of the secret that follows."""


@dataclass(frozen=True)
class SecretUse:
    """A container reads a secret as a file; the host holds one copy for each use, mode 0600."""

    secret: str
    container: str
    file: str
    """Where the container finds it."""
    uid: int
    """Who reads it in the container, and so owns the copy on the host."""


@dataclass(frozen=True)
class Volume:
    """A folder on the host that outlives containers, and where one container has it.

    It lies at `ServerPlan.data`/NAME, made by the role before the first start, with this owner.
    """

    name: str
    container: str
    mount: str
    holds: str
    kind: VolumeKind
    uid: int
    mode: str = "0700"
    is_read_only: bool = False
    """In this container; another one writes it then."""

    @property
    def holds_data(self) -> bool:
        """True where removing it would lose something."""
        return self.kind == "data"


@dataclass(frozen=True)
class Bind:
    """A file or folder of the service's tree on the host, as a container sees it."""

    source: str
    """Relative to the service's folder; absolute for a path of the host itself."""
    container: str
    mount: str
    is_read_only: bool = True


@dataclass(frozen=True)
class Port:
    """A port that a container listens on; published where the host has one for it."""

    container: str
    port: int
    purpose: str
    host_port: int | None = None


@dataclass(frozen=True)
class Tmpfs:
    """A writable place in a container's memory."""

    mount: str
    size_mib: int
    uid: int = 0
    mode: str = "1777"


@dataclass(frozen=True)
class Health:
    """How the engine knows that a container does its work."""

    command: tuple[str, ...]
    """Run inside the container; exit 0 is healthy."""
    interval_s: int = 10
    timeout_s: int = 5
    retries: int = 12
    start_period_s: int = 60


@dataclass(frozen=True)
class Container:
    """One container: the image it is made of, and all that bounds it."""

    name: str
    """Within its service; other containers of the network call it by this name."""
    image: str
    """Its name in the image lock."""
    user: str
    """`uid:gid`."""
    memory_mib: int
    pids: int
    cpus: float
    health: Health
    networks: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    """Other names under which containers of its networks reach it."""
    caps: tuple[str, ...] = ()
    """What is given back after all capabilities were dropped."""
    tmpfs: tuple[Tmpfs, ...] = ()
    after: tuple[str, ...] = ()
    """Containers of the same service that must be healthy before it starts."""
    stop_grace_s: int = 30
    init: bool = False


@dataclass(frozen=True)
class Network:
    """A network between containers of one host."""

    name: str
    purpose: str
    is_internal: bool
    """True where nothing in it reaches the outside."""
    is_shared: bool = False
    """True where several services meet in it: the host has it before any of them starts."""


@dataclass(frozen=True)
class Account:
    """A user or a group that provisioning makes somewhere."""

    kind: Literal["host-user", "group", "client", "bot", "store-user"]
    name: str
    purpose: str


@dataclass(frozen=True)
class Bucket:
    """A bucket of the object store."""

    name: str
    purpose: str
    is_versioned: bool = True
    is_locked: bool = False
    """True: what lies in it cannot be removed before its time (object lock)."""


@dataclass(frozen=True)
class Repository:
    """A git repository that provisioning makes; `<team>` stands for each team."""

    name: str
    purpose: str


@dataclass(frozen=True)
class DnsName:
    """A name that people use, and the address that it must lead to."""

    name: str
    address: str
    purpose: str


@dataclass(frozen=True)
class Opening:
    """A port of a host that the firewall lets in."""

    port: int
    source: str
    """`any`, or the address that alone is let in."""
    purpose: str


@dataclass(frozen=True)
class Transfer:
    """A folder of the project that is brought to a host by rsync."""

    source: str
    """Relative to challenge.yaml."""
    destination: str
    """Absolute, on the host."""
    what: str
    is_ground_truth: bool = False


@dataclass(frozen=True)
class ServicePlan:
    """One service on one host."""

    name: str
    title: str
    containers: tuple[Container, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()
    binds: tuple[Bind, ...] = ()
    ports: tuple[Port, ...] = ()
    secrets: tuple[Secret, ...] = ()
    secret_uses: tuple[SecretUse, ...] = ()
    accounts: tuple[Account, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    repositories: tuple[Repository, ...] = ()
    dns: tuple[DnsName, ...] = ()
    openings: tuple[Opening, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    on_change: Literal["restart", "reload"] = "restart"
    """What an edited configuration file asks for."""

    def container(self, name: str) -> Container:
        """Return the container of that name (KeyError when there is none)."""
        return {one.name: one for one in self.containers}[name]


@dataclass(frozen=True)
class HostPlan:
    """One machine and what runs on it, in the order in which it is brought up."""

    name: str
    address: str
    user: str
    roles: tuple[str, ...]
    gpus: int
    services: tuple[ServicePlan, ...]

    @property
    def openings(self) -> tuple[Opening, ...]:
        """All ports that the host's firewall lets in; whatever is not among them stays closed."""
        own = (one for service in self.services for one in service.openings)
        return (Opening(SSH_PORT, "any", "the admin's SSH"), *own)

    @property
    def shared_networks(self) -> tuple[Network, ...]:
        """The networks in which several services meet."""
        every = {one.name: one for service in self.services for one in service.networks}
        return tuple(every[name] for name in sorted(every) if every[name].is_shared)

    def service(self, name: str) -> ServicePlan:
        """Return the service of that name (KeyError when there is none)."""
        return {one.name: one for one in self.services}[name]


@dataclass(frozen=True)
class Names:
    """The names under which people and evaluation hosts reach the platform."""

    site: str
    auth: str
    git: str
    runner: str
    """Known to the evaluation hosts alone: it needs no DNS record."""

    @property
    def public(self) -> tuple[str, ...]:
        """The names that a certificate names, and that DNS must know."""
        return (self.site, self.auth, self.git)


@dataclass(frozen=True)
class Image:
    """A line of the image lock."""

    name: str
    repo: str
    tag: str
    digest: str | None
    base: str | None = None
    """The image that it is built on, from the bundle's `images/NAME`; None: it is pulled."""

    @property
    def reference(self) -> str:
        """`repo:tag`, as compose files and engines write it."""
        return f"{self.repo}:{self.tag}"


@dataclass(frozen=True)
class ServerPlan:
    """Everything that a deployment on servers puts in force."""

    software: str
    """The version of diychallenge that made it."""
    challenge: Mapping[str, Any]
    """The model of challenge.yaml, defaults included, as JSON values."""
    names: Names
    images: tuple[Image, ...]
    hosts: tuple[HostPlan, ...]

    @property
    def challenge_id(self) -> str:
        """The id of the challenge."""
        return str(self.challenge["challenge"]["id"])

    @property
    def root(self) -> str:
        """The folder on each host below which everything lies."""
        return f"/opt/diychallenge/{self.challenge_id}"

    @property
    def data(self) -> str:
        """The folder on each host in which the volumes lie."""
        return f"/var/lib/diychallenge/{self.challenge_id}"

    @property
    def main(self) -> HostPlan:
        """The host that people reach."""
        return next(host for host in self.hosts if "main" in host.roles)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret, by name, each once however many services read it."""
        every = {one.name: one for host in self.hosts for service in host.services
                 for one in service.secrets}  # fmt: skip
        return tuple(every[name] for name in sorted(every))

    def image(self, name: str) -> Image:
        """Return the line of the image lock of that name (KeyError when there is none)."""
        return {one.name: one for one in self.images}[name]

    def as_document(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        document: dict[str, Any] = TypeAdapter(ServerPlan).dump_python(self, mode="json")
        return document


def read_server_plan(document: Mapping[str, Any]) -> ServerPlan:
    """Return the plan that `as_document` stored.

    Raises:
        ValueError: It was stored by a version that kept something else.
    """
    return TypeAdapter(ServerPlan).validate_python(document)
