"""Git: Gitea with one private repository a team, and the hook that answers every push."""

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
    Repository,
    Secret,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Volume,
)
from blueprint.services.networks import EDGE, TRUST, TRUST_MOUNT
from blueprint.services.port import Setting

_UID = 1000
_DOOR = Network("git", "people's git programs, over SSH", is_internal=False)
SSH_PORT = 2222
"""Of the host; 22 is the admin's."""
_SECRETS = (
    ("git-secret-key", "what Gitea keeps encrypted"),
    ("git-internal-token", "Gitea's hooks to Gitea"),
    ("git-oauth-jwt", "tokens that Gitea signs"),
    ("git-lfs-jwt", "tokens for large files"),
)
_HOOK_SECRETS = (
    ("git-webhook-secret", "Gitea's hints to the watcher"),
    ("git-hook-token", "the hook's questions to the portal"),
)


@dataclass(frozen=True)
class _Git:
    name: str = "git"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return Gitea, its organization and repositories, and its SSH door."""
        challenge = setting.challenge.challenge.id
        every = (*_SECRETS, *_HOOK_SECRETS, ("git-bot-token", "the platform to Gitea"))
        return ServicePlan(
            name=self.name,
            title="teams' repositories (Gitea)",
            containers=(_gitea(),),
            networks=(EDGE, _DOOR),
            volumes=(
                Volume("git", "gitea", "/var/lib/gitea", "repositories, and Gitea's own database",
                       "data", uid=_UID),
            ),
            binds=(
                Bind("gitea", "gitea", "/etc/gitea"),
                Bind(TRUST, "gitea", TRUST_MOUNT),
            ),
            ports=(
                Port("gitea", 3000, "HTTP behind the proxy"),
                Port("gitea", 2222, "git over SSH", host_port=SSH_PORT),
            ),
            secrets=tuple(Secret(name, "password", meaning) for name, meaning in every),
            secret_uses=(
                *(SecretUse(name, "gitea", f"/run/secrets/{name}", _UID) for name, _ in _SECRETS),
                SecretUse("git-hook-token", "gitea", "/run/secrets/git-hook-token", _UID),
            ),
            accounts=(Account("bot", "diy-bot", "makes repositories and sets commit states"),),
            repositories=(
                Repository(f"{challenge}/<team>", "a team's own, private, from the starter"),
            ),
            openings=(Opening(SSH_PORT, "any", "git over SSH"),),
        )  # fmt: skip


def _gitea() -> Container:
    return Container(
        name="gitea",
        image="gitea",
        user=f"{_UID}:{_UID}",
        memory_mib=1024,
        pids=512,
        cpus=2.0,
        health=Health(("curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:3000/api/healthz")),
        networks=(EDGE.name, _DOOR.name),
        tmpfs=(Tmpfs("/tmp", 512, uid=_UID),),  # noqa: S108
    )


GIT = _Git()
