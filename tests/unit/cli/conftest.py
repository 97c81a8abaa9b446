"""Runs the command line in this process, through the same door as a terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import run


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run_cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Type a command; return its exit code and what it printed."""

    def typed(*words: object) -> Ran:
        capsys.readouterr()
        code = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return typed


@pytest.fixture
def challenge_folder(run_cli: Callable[..., Ran], tmp_path: Path) -> Path:
    """A folder as `diychallenge init` leaves it."""
    folder = tmp_path / "brain"
    assert run_cli("init", folder, "--yes").code == 0
    return folder
