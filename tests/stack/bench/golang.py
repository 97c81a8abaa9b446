"""Builds programs from Go modules into the cache."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.stack.bench import cache
from tests.stack.bench.commands import run
from tests.stack.bench.packages import ensure_programs

BUILD_ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}


def ensure_program(package: str, version: str, *, tags: Sequence[str] = ()) -> Path:
    """Return the program that `go install PACKAGE@VERSION` makes, static, from the cache."""
    name = package.rsplit("/", 1)[-1]

    def make(draft: Path) -> None:
        ensure_programs(go="golang-go")
        run(
            ["nice", "go", "install", "-trimpath", "-tags", ",".join(tags), f"{package}@{version}"],
            env={**BUILD_ENVIRONMENT, "GOBIN": str(draft)},
            cwd=draft,
        )

    return cache.ensure(name, version, make) / name


def module_source(module: str, version: str) -> Path:
    """Return the folder of a module's source, read-only, fetched when it is absent."""
    ensure_programs(go="golang-go")
    answer = run(["go", "mod", "download", "-json", f"{module}@{version}"], cwd=Path("/"))
    return Path(json.loads(answer)["Dir"])
