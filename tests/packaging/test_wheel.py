"""The wheel holds what git holds, and does the demonstration where there is no checkout."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked_files() -> set[str]:
    """What git tracks, plus new files it does not ignore: what the next commit would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_exactly_the_tracked_files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    tracked = tracked_files()
    expected = {name for name in tracked if name.startswith(("blueprint/", "cli/"))}
    sources = ("roles/", "templates/", "compose/", "challenge.example.yaml")
    expected |= {f"blueprint/bundled/{name}" for name in tracked if name.startswith(sources)}
    assert held == expected


def test_wheel_carries_the_licence_and_no_path_of_this_machine(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        texts = [archive.read(name) for name in names]

    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not any(os.fsencode(str(ROOT)) in text for text in texts)


def test_installed_wheel_runs_the_demonstration_elsewhere(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / "bin"
    subprocess.run(
        [binaries / "python", "-m", "pip", "install", "--quiet", str(wheel)],
        check=True,
        capture_output=True,
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": str(tmp_path)}

    done = subprocess.run(
        [binaries / "diychallenge", "demo", "--folder", "walk"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((elsewhere / "walk" / "summary.json").read_text())
    assert len(summary["leaderboard"]) == 3
    assert (elsewhere / "walk" / "site" / "leaderboard.html").is_file()
