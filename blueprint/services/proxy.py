"""The proxy: nginx with the platform's certificate; the one door for people's browsers and git."""

from collections.abc import Iterator
from dataclasses import dataclass

from blueprint.config.model.server import Acme, CertificateFiles, Role
from blueprint.plan.server import (
    Bind,
    Container,
    DnsName,
    Health,
    Opening,
    Port,
    Secret,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Volume,
)
from blueprint.services.networks import EDGE, OUTBOUND
from blueprint.services.port import Setting

_UID = 101
_CONFIGURATION = "/etc/diychallenge/nginx"
"""A folder, so that a reload sees files that were exchanged."""


@dataclass(frozen=True)
class _Proxy:
    name: str = "proxy"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return nginx, its certificate and the names that lead to it."""
        names = setting.names
        return ServicePlan(
            name=self.name,
            title="the web server in front: TLS, names, limits (nginx)",
            containers=(_nginx(setting),),
            networks=(EDGE, OUTBOUND),
            volumes=(
                Volume("certificates", "nginx", "/etc/nginx/certificates",
                       "the certificate in use and its key", "cache", uid=_UID, is_read_only=True),
                Volume("acme", "nginx", "/var/www/acme",
                       "answers to the certificate authority", "cache", uid=_UID,
                       mode="0755", is_read_only=True),
            ),
            binds=(Bind("nginx", "nginx", _CONFIGURATION),),
            ports=(
                Port("nginx", 80, "HTTP: certificates, and on to HTTPS", host_port=80),
                Port("nginx", 443, "HTTPS; evaluation hosts by the name alone", host_port=443),
            ),
            secrets=_secrets(setting),
            secret_uses=tuple(
                # Read by the script that has the certificate, on the host itself.
                SecretUse(one.name, self.name, "", 0) for one in _secrets(setting)
            ),
            dns=(
                DnsName(names.site, setting.main_address, "the site and the portal"),
                DnsName(names.auth, setting.main_address, "logging in"),
                DnsName(names.git, setting.main_address, "teams' repositories"),
            ),
            openings=(
                Opening(80, "any", "HTTP: certificates, and on to HTTPS"),
                Opening(443, "any", "HTTPS"),
            ),
            on_change="reload",
        )  # fmt: skip


def _nginx(setting: Setting) -> Container:
    names = setting.names
    return Container(
        name="nginx",
        image="nginx",
        user=f"{_UID}:{_UID}",
        memory_mib=256,
        pids=64,
        cpus=1.0,
        health=Health(("curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8081/health")),
        networks=(EDGE.name, OUTBOUND.name),
        # What stands behind it reaches the public names through it, without leaving the host.
        aliases=(*names.public, names.runner),
        tmpfs=(Tmpfs("/tmp", 64, uid=_UID), Tmpfs("/var/cache/nginx", 256, uid=_UID)),  # noqa: S108
        stop_grace_s=60,
    )


def _secrets(setting: Setting) -> tuple[Secret, ...]:
    """Return what the role that has the certificate reads; no container does."""
    tls = setting.server.tls
    if isinstance(tls, Acme):
        return tuple(_of_authority(tls))
    if isinstance(tls, CertificateFiles):
        return (
            Secret("tls-certificate", "given", "the certificate with its chain",
                   source=str(tls.certificate)),
            Secret("tls-key", "given", "the key of the certificate", source=str(tls.key)),
        )  # fmt: skip
    return ()


def _of_authority(tls: Acme) -> Iterator[Secret]:
    if tls.eab is not None:
        key = "HMAC key of your account at the certificate authority (base64url)"
        yield Secret("tls-eab-hmac-key", "given", key)
    if tls.authority is not None:
        what = "who signed the certificate authority's own certificate"
        yield Secret("tls-authority", "given", what, source=str(tls.authority))


PROXY = _Proxy()
