"""The platform on hosts of one's own: name, certificates, hosts, object store, mail, engine."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from blueprint.config import units
from blueprint.config.model.base import (
    DOMAIN,
    FILE,
    HOST_ADDRESS,
    KEY_ID,
    PLAIN_EMAIL,
    REGION,
    URL,
    URL_TLS,
    USER,
    Section,
    Slug,
    written_as,
)

Role = Literal["main", "runner"]
"""main: everything that people reach; runner: evaluates, and alone holds ground truth."""

Mail = Annotated[str, StringConstraints(pattern=PLAIN_EMAIL, max_length=254)]
Port = Annotated[int, Field(strict=True, ge=1, le=65_535)]
FilePath = Annotated[
    PurePosixPath,
    BeforeValidator(units.parse_file),
    written_as("A file, relative or absolute.", FILE),
]


class LetsEncrypt(Section):
    """Certificates of Let's Encrypt, renewed by themselves."""

    mode: Literal["letsencrypt"]
    email: Mail


class ExternalAccount(Section):
    """An account that the certificate authority knows already (EAB); its key is a secret."""

    key_id: Annotated[str, StringConstraints(pattern=KEY_ID)]


class Acme(Section):
    """Certificates of another authority that speaks ACME."""

    mode: Literal["acme"]
    email: Mail
    directory: Annotated[str, StringConstraints(pattern=URL_TLS, max_length=500)]
    eab: ExternalAccount | None = None
    authority: FilePath | None = None
    """PEM file of the authority behind the directory's own certificate, where it is private."""


class CertificateFiles(Section):
    """A certificate that the institution gave, as files on the admin's machine."""

    mode: Literal["files"]
    certificate: FilePath
    key: FilePath


class SelfSigned(Section):
    """A certificate that no browser trusts, to try a platform out."""

    mode: Literal["self-signed"]


Tls = Annotated[LetsEncrypt | Acme | CertificateFiles | SelfSigned, Field(discriminator="mode")]


class Host(Section):
    """One machine, reached by SSH as a user who may use sudo."""

    address: Annotated[str, StringConstraints(pattern=HOST_ADDRESS, max_length=255)]
    user: Annotated[str, StringConstraints(pattern=USER)] = "root"
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=2)] = ("main",)
    gpus: Annotated[int, Field(strict=True, ge=0, le=64)] = 0


class BundledStore(Section):
    """An object store that is brought up with the platform."""

    kind: Literal["bundled"]


class ExternalStore(Section):
    """An S3 server of the institution; its two keys are secrets."""

    kind: Literal["external"]
    endpoint: Annotated[str, StringConstraints(pattern=URL, max_length=300)]
    region: Annotated[str, StringConstraints(pattern=REGION)] = "us-east-1"


ObjectStore = Annotated[BundledStore | ExternalStore, Field(discriminator="kind")]


class MailServer(Section):
    """Through which server the platform sends mail."""

    host: Annotated[str, StringConstraints(pattern=HOST_ADDRESS, max_length=255)]
    port: Port = 587
    sender: Annotated[Mail, Field(alias="from")]
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Annotated[str, StringConstraints(pattern=KEY_ID)] | None = None
    """With a name goes a password, which is a secret."""


def public_names(domain: str) -> tuple[str, str, str]:
    """Return the names that people use: of the site, of logging in, and of git."""
    return domain, f"auth.{domain}", f"git.{domain}"


class DockerEngine(Section):
    """Submissions run in containers on the evaluation hosts."""

    kind: Literal["docker"] = "docker"


class Server(Section):
    """The platform on one or several hosts."""

    domain: Annotated[str, StringConstraints(pattern=DOMAIN, max_length=240)]
    tls: Tls
    hosts: Annotated[dict[Slug, Host], Field(min_length=1, max_length=50)]
    object_store: ObjectStore = BundledStore(kind="bundled")
    mail: MailServer
    engine: DockerEngine = DockerEngine()

    def hosts_with(self, role: Role) -> tuple[str, ...]:
        """Return the names of the hosts that have a role, in file order."""
        return tuple(name for name, host in self.hosts.items() if role in host.roles)
