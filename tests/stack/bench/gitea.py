"""Gitea: built from its Go module with its web pages, and run as an ordinary user."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stack.bench import cache, golang, versions
from tests.stack.bench.commands import run
from tests.stack.bench.packages import ensure_programs
from tests.stack.bench.running import answers, free_ports, hand_over, running, server_folder

_USER_ID = 65534
"""Gitea refuses to run as root."""
_TAGS = "bindata timetzdata sqlite sqlite_unlock_notify"
# Its go.mod names modules by addresses that the module proxy does not know; the last two are only
# reached by migrations of repositories from other hosts.
_REPLACEMENTS = (
    "gitea.dev/actions-proto-go=code.gitea.io/actions-proto-go@v0.6.0",
    "gitea.dev/sdk=code.gitea.io/sdk@v1.2.0",
    "gitlab.com/gitlab-org/api/client-go/v2=gitlab.com/gitlab-org/api/client-go/v2@v2.43.0",
)
_ASSETS = ("public", "options", "templates", "migration")
_FRONT_END = ("pnpm@11.9.0", "node@24")
_CONFIGURATION = """\
RUN_MODE = prod
WORK_PATH = {folder}/work

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {http_port}
ROOT_URL = {url}/
DOMAIN = 127.0.0.1
START_SSH_SERVER = true
SSH_DOMAIN = 127.0.0.1
SSH_LISTEN_HOST = 127.0.0.1
SSH_LISTEN_PORT = {ssh_port}
SSH_PORT = {ssh_port}
BUILTIN_SSH_SERVER_USER = git
LFS_START_SERVER = true
LFS_JWT_SECRET = {lfs_secret}
OFFLINE_MODE = true

[database]
DB_TYPE = sqlite3
PATH = {folder}/work/gitea.db

[security]
INSTALL_LOCK = true
SECRET_KEY = {secret_key}
INTERNAL_TOKEN = {internal_token}

[oauth2]
JWT_SECRET = {jwt_secret}

[service]
DISABLE_REGISTRATION = true
REQUIRE_SIGNIN_VIEW = true

[webhook]
ALLOWED_HOST_LIST = loopback,private

[log]
LEVEL = Info

[cron.update_checker]
ENABLED = false
"""


@dataclass(frozen=True)
class GiteaServer:
    """A Gitea that runs, with one administrator."""

    url: str
    ssh_port: int
    """Its own SSH server, on 127.0.0.1, user `git`."""
    admin: str
    password: str
    token: str
    """The administrator's, with every scope."""
    folder: Path
    """Holds app.ini and work/ (repositories under work/data/gitea-repositories)."""
    program: Path

    def command(self, *words: str) -> str:
        """Run Gitea's own command line as its user, beside the server; return what it says."""
        return run(
            [*_as_its_user(self.folder), self.program, "--config", self.folder / "app.ini", *words],
            cwd=self.folder,
        )


def gitea_program() -> Path:
    """Return the server, one static program with its web pages, built on first use (200 s)."""
    return cache.ensure("gitea", versions.GITEA, _build) / "gitea"


@contextmanager
def run_gitea(settings: Mapping[str, Mapping[str, str]] | None = None) -> Iterator[GiteaServer]:
    """Run an empty Gitea on loopback, on SQLite, with an administrator.

    Args:
        settings: More of app.ini: section -> key -> value.
    """
    ensure_programs(git="git", setpriv="util-linux")
    with server_folder("gitea") as folder:
        program = _reachable_program(folder)
        server = _configured(folder, program, settings or {})
        hand_over(folder, _USER_ID)
        folder.chmod(0o755)
        with running(
            [*_as_its_user(folder), program, "web", "--config", folder / "app.ini"],
            log=folder / "log", is_ready=answers(f"{server.url}/api/healthz"),
        ):  # fmt: skip
            yield _with_admin(server)


def _configured(
    folder: Path, program: Path, settings: Mapping[str, Mapping[str, str]]
) -> GiteaServer:
    http_port, ssh_port = free_ports(2)
    url = f"http://127.0.0.1:{http_port}"
    (folder / "work").mkdir()
    text = _CONFIGURATION.format(
        folder=folder, url=url, http_port=http_port, ssh_port=ssh_port,
        lfs_secret=secrets.token_urlsafe(32), jwt_secret=secrets.token_urlsafe(32),
        secret_key=secrets.token_hex(32),
        internal_token=run([program, "generate", "secret", "INTERNAL_TOKEN"]).strip(),
    )  # fmt: skip
    # A key that comes a second time replaces the first.
    for section, pairs in settings.items():
        lines = "\n".join(f"{key} = {value}" for key, value in pairs.items())
        text += f"\n[{section}]\n{lines}\n"
    (folder / "app.ini").write_text(text)
    return GiteaServer(
        url=url, ssh_port=ssh_port, admin="bench-admin", password=secrets.token_urlsafe(24),
        token="", folder=folder, program=program,
    )  # fmt: skip


def _with_admin(server: GiteaServer) -> GiteaServer:
    server.command(
        "admin", "user", "create", "--admin", "--username", server.admin,
        "--password", server.password, "--email", "bench-admin@bench.example",
        "--must-change-password=false",
    )  # fmt: skip
    token = server.command(
        "admin", "user", "generate-access-token", "--username", server.admin,
        "--token-name", "bench", "--scopes", "all", "--raw",
    )  # fmt: skip
    return GiteaServer(**{**server.__dict__, "token": token.split()[-1]})


def _as_its_user(folder: Path) -> list[str]:
    return [
        "setpriv", f"--reuid={_USER_ID}", f"--regid={_USER_ID}", "--clear-groups",
        "env", f"HOME={folder}/work", f"GITEA_WORK_DIR={folder}/work", "USER=nobody",
    ]  # fmt: skip


def _reachable_program(folder: Path) -> Path:
    """Put the program where its user can read it: the cache may lie in root's home."""
    program = folder / "gitea"
    shutil.copy(gitea_program(), program)
    return program


def _build(draft: Path) -> None:
    work = draft.with_name(f"{draft.name}-source")
    cache.remove(work)
    # Go's modules are read-only, and a build writes beside its source.
    run(["cp", "--recursive", golang.module_source("code.gitea.io/gitea", f"v{versions.GITEA}"),
         work])  # fmt: skip
    run(["chmod", "--recursive", "u+w", work])
    modules = {**golang.BUILD_ENVIRONMENT, "GOFLAGS": "-buildvcs=false -mod=mod"}
    edits = [f"-replace={one}" for one in _REPLACEMENTS]
    run(["go", "mod", "edit", *edits], cwd=work)
    run(["nice", "go", "list", "-tags", "sqlite sqlite_unlock_notify", "-deps", "."],
        cwd=work, env=modules)  # fmt: skip
    _build_pages(work)
    run(["nice", "go", "generate", "-tags", "bindata", *(f"./modules/{one}" for one in _ASSETS)],
        cwd=work, env=modules)  # fmt: skip
    linking = f"-s -w -X main.Version={versions.GITEA}"
    run(["nice", "go", "build", "-trimpath", "-tags", _TAGS, "-ldflags", linking,
         "-o", draft / "gitea", "."], cwd=work, env=modules)  # fmt: skip
    cache.remove(work)


def _build_pages(work: Path) -> None:
    """Build the web pages; they need a newer node than Debian has, which npm brings."""
    ensure_programs(npm="npm")
    tools = work / "bench-tools"
    run(["npm", "install", "--no-save", "--prefix", tools, *_FRONT_END], cwd=work)
    path = {"PATH": f"{tools}/node_modules/.bin{os.pathsep}{os.environ['PATH']}"}
    run(["nice", "pnpm", "install", "--frozen-lockfile"], cwd=work, env=path)
    run(["nice", "pnpm", "exec", "vite", "build"], cwd=work, env=path)
