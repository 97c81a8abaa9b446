"""Every way a command can end: an exit code, words for a person, never a traceback."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli import main as main_module
from cli import output
from cli.main import application, run
from cli.reference import reference_page

ROOT = Path(__file__).resolve().parents[3]


def commands() -> list[str]:
    """Every command, as the words that call it."""
    page = reference_page(application(rich_help=False))
    return re.findall(r"^## diychallenge (.+)$", page, flags=re.MULTILINE)


def test_the_commands_are_those_that_the_documentation_promises():
    assert set(commands()) == {
        "init", "check", "deploy", "plan", "render", "serve", "logs", "down", "destroy",
        "status", "submit", "demo", "version",
        "people list", "people show", "people approve", "people revoke", "people reset",
        "people role", "people verify",
        "submissions list", "submissions show", "submissions logs",
        "submissions cancel", "releases list", "releases verify", "leaderboard show",
        "leaderboard preview", "leaderboard publish", "receipt verify",
        "rescore", "rejudge", "corrections list", "corrections show", "corrections publish",
        "corrections abandon",
        "teams list", "teams show", "teams rename", "teams rotate-code", "teams standing",
        "work", "evaluators add", "evaluators list", "evaluators remove", "evaluators renew",
        "datasets write", "datasets take",
    }  # fmt: skip


@pytest.mark.parametrize("words", commands())
def test_every_help_has_an_example(run_cli, words):
    ran = run_cli(*words.split(), "--help")

    assert ran.code == 0
    assert "Example" in ran.out
    assert f"diychallenge {words}" in ran.out.split("Example", 1)[1]


def test_the_reference_page_is_the_program_itself():
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")

    assert page == reference_page(application(rich_help=False)), "run `make docs`"


def test_help_loads_none_of_the_heavy_libraries():
    heavy = ("numpy", "scipy", "sqlalchemy", "pydantic", "paramiko", "starlette", "uvicorn", "yaml")
    code = (
        "import sys\nfrom cli.main import run\nrun(['--help'])\n"
        f"sys.exit(','.join(set(sys.modules) & set({heavy!r})) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_the_callers_fault(run_cli):
    assert run_cli("deplyo").code == 2
    assert run_cli("status", "--colour").code == 2


def test_a_missing_file_is_named_with_the_next_step(run_cli, tmp_path):
    ran = run_cli("status", "--file", tmp_path / "challenge.yaml")

    assert ran.code == 2
    assert ran.err.startswith(
        f"error: {tmp_path / 'challenge.yaml'}: there is no such file\nhint: "
    )
    assert ran.out == ""


def test_an_unexpected_error_is_one_line_and_a_log_that_only_we_can_read(
    run_cli, monkeypatch, tmp_path
):
    def explode(**_options):
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(output, "say", explode)
    ran = run_cli("version")

    (log,) = tmp_path.glob("diychallenge-crash-*.log")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert [line.split()[0] for line in ran.err.splitlines()] == ["error:", "hint:"]
    assert str(log) in ran.err
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_ctrl_c_ends_with_130(monkeypatch):
    def interrupt(**_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(main_module, "application", interrupt)

    assert run(["version"]) == 130


def test_ctrl_c_in_a_terminal_ends_quietly():
    code = (
        "import os, signal\nfrom cli import version\nfrom cli.main import main\n"
        "version.output.say = lambda _text: os.kill(os.getpid(), signal.SIGINT)\n"
        "main(['version'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode in (128 + signal.SIGINT, -signal.SIGINT)
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_makes_no_noise():
    read_fd, write_fd = os.pipe()
    os.close(read_fd)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cli", "version", "--json"],
            cwd=ROOT,
            stdout=write_fd,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(write_fd)

    assert done.stderr == ""


def test_version_is_the_librarys(run_cli):
    assert re.fullmatch(
        r"diychallenge \d+\.\d+\.\d+ \(Python 3\.\d+\.\d+\)\n", run_cli("version").out
    )
