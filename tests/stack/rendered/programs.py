"""The programs that read what is rendered, in the versions that a Debian 13 host has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.stack.bench import cache, golang
from tests.stack.bench.packages import ensure_programs

ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
_PACKAGES = (
    "ca-certificates", "certbot", "libnginx-mod-stream", "nginx", "openssh-server", "openssl",
    "python3-cffi-backend", "systemd",
)  # fmt: skip
_COMPOSE = "5.5.1"
_TIMEOUT_S = 1800


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    said: str
    """Its output and its errors."""


def run(argv: Sequence[str | Path], *, cwd: Path | None = None, **env: str) -> Ended:
    """Run a program to its end, whatever that is."""
    ended = subprocess.run(
        [str(one) for one in argv],
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode("utf-8", "replace"))


def demand(argv: Sequence[str | Path], *, cwd: Path | None = None, **env: str) -> str:
    """Run a program that has to succeed, and return what it said."""
    ended = run(argv, cwd=cwd, **env)
    assert ended.code == 0, f"{argv[0]} failed ({ended.code}):\n{ended.said[-4000:]}"
    return ended.said


def compose() -> Sequence[str | Path]:
    """Return the command that is Compose: the plugin, or one made of its published source."""
    docker = shutil.which("docker")
    if docker and run([docker, "compose", "version"]).code == 0:
        return (docker, "compose")
    return (cache.ensure("compose", _COMPOSE, _make_compose) / "docker-compose",)


def ansible(name: str) -> str:
    """Return one of Ansible's programs, as the virtual environment of these tests has it."""
    program = Path(sys.executable).parent / name
    assert program.exists(), f"{program} is absent: pip install '.[server,stack]'"
    return str(program)


def debian() -> Path:
    """Return the root of a Debian 13 with these programs; it is never changed."""
    return cache.ensure("debian-programs", "13", _make_debian)


def _make_debian(draft: Path) -> None:
    ensure_programs(debootstrap="debootstrap")
    included = f"--include={','.join(_PACKAGES)}"
    demand(["unshare", "--mount", "debootstrap", "--variant=minbase", included, "trixie", draft])


def _make_compose(draft: Path) -> None:
    source = golang.module_source("github.com/docker/compose/v5", f"v{_COMPOSE}")
    work = draft / "source"
    shutil.copytree(source, work)
    demand(["chmod", "-R", "u+w", work])
    flags = f"-s -w -X github.com/docker/compose/v5/internal.Version={_COMPOSE}"
    made = str(draft / "docker-compose")
    build = ["go", "build", "-trimpath", "-ldflags", flags, "-o", made, "./cmd"]
    demand(build, cwd=work, CGO_ENABLED="0", GOFLAGS="-mod=mod")
    shutil.rmtree(work)
