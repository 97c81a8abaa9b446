"""The organizer of the demonstration: uses the command line and nothing else."""

import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blueprint.adapters import process
from blueprint.errors import BlueprintError

_TIMEOUT_S = 120.0
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "VIRTUAL_ENV", "DIYCHALLENGE_SANDBOX")


@dataclass(frozen=True)
class Organizer:
    """Types `diychallenge ...` in the folder of the challenge."""

    folder: Path

    def command(self, *words: str) -> str:
        """Run one command and return what it printed.

        Raises:
            BlueprintError: It did not exit with 0.
        """
        done = process.run(
            [sys.executable, "-m", "cli", *words],
            cwd=self.folder if self.folder.is_dir() else None,
            env=environment(),
            timeout_s=_TIMEOUT_S,
        )
        if done.code != 0:
            said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
            raise BlueprintError(f"diychallenge {' '.join(words)} exited with {done.code}: {said}")
        return done.stdout.decode("utf-8", "replace")

    def ask(self, *words: str) -> dict[str, object]:
        """Run one command with `--json` and return its document."""
        document = json.loads(self.command(*words, "--json"))
        if not isinstance(document, dict):
            raise BlueprintError(f"diychallenge {' '.join(words)} --json: not an object")
        return document


def environment() -> Mapping[str, str]:
    """Return the few variables that the walk's programs see."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody uses now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
