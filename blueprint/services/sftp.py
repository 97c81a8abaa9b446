"""SFTP: OpenSSH that gives out released data read-only, one account a person, every file logged."""

from dataclasses import dataclass

from blueprint.config.model.server import Role
from blueprint.plan.server import (
    Account,
    Bind,
    Container,
    Health,
    Network,
    Opening,
    Port,
    Secret,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Volume,
)
from blueprint.services.platform_image import PLATFORM_UID
from blueprint.services.port import Setting

SFTP_PORT = 2022
_DOOR = Network("sftp", "people's SFTP programs", is_internal=False)


@dataclass(frozen=True)
class _Sftp:
    name: str = "sftp"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return sshd, the releases that it shows and the accounts that it has."""
        del setting
        return ServicePlan(
            name=self.name,
            title="data for approved people (OpenSSH)",
            containers=(_sshd(),),
            networks=(_DOOR,),
            volumes=(
                Volume("releases", "sshd", "/srv/challenge/data", "the data that is given out",
                       "cache", uid=PLATFORM_UID, mode="0755", is_read_only=True),
                Volume("sftp-accounts", "sshd", "/var/lib/sftp", "who may log in, with which keys",
                       "cache", uid=PLATFORM_UID, mode="0755", is_read_only=True),
                Volume("sftp-log", "sshd", "/var/log/sftp", "who read which file", "data", uid=0,
                       mode="0755"),
            ),
            binds=(Bind("sshd", "sshd", "/etc/diychallenge/sshd"),),
            ports=(Port("sshd", 2022, "SFTP", host_port=SFTP_PORT),),
            secrets=(Secret("sftp-host-key", "ssh-key", "by which people's programs know us"),),
            secret_uses=(SecretUse("sftp-host-key", "sshd", "/run/secrets/host-key", 0),),
            accounts=(Account("host-user", "p-<person>", "one a person, inside the container"),),
            openings=(Opening(SFTP_PORT, "any", "SFTP"),),
        )  # fmt: skip


def _sshd() -> Container:
    return Container(
        name="sshd",
        image="sftp",
        user="0:0",
        memory_mib=256,
        pids=512,
        cpus=1.0,
        health=Health(("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/2022; read -r -t 4 -u 3 line")),
        networks=(_DOOR.name,),
        # A session is confined to its folder and given to its person's own user.
        caps=("SYS_CHROOT", "SETUID", "SETGID"),
        tmpfs=(
            Tmpfs("/run", 8, mode="0755"),
            Tmpfs("/tmp", 16),  # noqa: S108
            Tmpfs("/srv/challenge/dev", 1, mode="0755"),  # where sessions speak to the log
        ),
    )


SFTP = _Sftp()
