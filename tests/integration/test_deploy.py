"""`deploy` as an admin meets it: real processes, real ports, a real kill -9."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from blueprint.state import StateFolder

ROOT = Path(__file__).resolve().parents[2]


class Admin:
    """Types commands in the folder of a challenge."""

    def __init__(self, folder: Path, http: int, sftp: int) -> None:
        self.folder, self.http, self.sftp = folder, http, sftp

    def run(
        self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=cwd or self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def ask(self, *words: str) -> dict[str, Any]:
        done = self.run(*words, "--json")
        assert done.stdout, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def edit(self, before: str, after: str) -> None:
        file = self.folder / "challenge.yaml"
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after, 1), encoding="utf-8")

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()


@pytest.fixture
def admin(tmp_path, free_port):
    # A path with a space, and longer than the 107 bytes that a Unix socket may have.
    parent = tmp_path / ("a folder of the " + "long kind " * 8)
    parent.mkdir()
    http, sftp = free_port(), free_port()
    one = Admin(parent / "brain tissue", http, sftp)
    ports = ("--http-port", str(http), "--sftp-port", str(sftp))
    made = one.run("init", str(one.folder), "--id", "brain-tissue", "--yes", *ports, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    yield one
    one.run("destroy", "--yes")


def listing(folder: Path) -> dict[Path, int]:
    return {path.relative_to(folder): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_from_first_deploy_to_destroy(admin):
    before = set(listing(admin.folder))

    first = admin.run("deploy")
    assert first.returncode == 0, first.stderr
    assert "the platform is up" in first.stdout
    assert "not for strangers' code" in first.stdout
    assert admin.get("/healthz") == (200, "ok\n")
    assert admin.get("/leaderboard.html")[0] == 200
    pid = admin.ask("status")["pid"]

    second = admin.run("deploy")
    assert second.returncode == 0
    assert "nothing changed" in second.stdout
    assert admin.ask("status")["pid"] == pid

    refused = admin.run("destroy")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert admin.get("/healthz")[0] == 200

    sockets = Path(json.loads((admin.folder / ".diychallenge/deployed.json").read_text())[
        "socket_folder"])  # fmt: skip
    assert sockets.is_dir()
    assert admin.run("destroy", "--yes").returncode == 0
    assert set(listing(admin.folder)) == before
    assert not sockets.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", admin.http), timeout=5)
    assert admin.run("destroy", "--yes").returncode == 2


def test_status_tells_of_kill_9_and_deploy_picks_up(admin):
    assert admin.run("deploy").returncode == 0
    pid = admin.ask("status")["pid"]
    os.kill(pid, signal.SIGKILL)

    said = admin.run("status")
    assert said.returncode == 1
    assert "cut off" in said.stdout
    assert "diychallenge deploy" in said.stdout

    again = admin.run("deploy")
    assert again.returncode == 0, again.stderr
    assert "had ended without being stopped" in again.stdout
    running = admin.ask("status")
    assert running["health"] == "running"
    assert running["pid"] != pid


def test_down_is_not_a_crash(admin):
    assert admin.run("deploy").returncode == 0

    assert "is stopped" in admin.run("down").stdout
    stopped = admin.run("status")
    assert stopped.returncode == 0
    assert "stopped" in stopped.stdout
    assert "was not running" in admin.run("down").stdout
    assert admin.ask("deploy")["outcome"] == "started"


def test_an_edit_waits_in_status_and_is_named_when_it_takes_effect(admin):
    assert admin.run("deploy").returncode == 0
    pid = admin.ask("status")["pid"]
    admin.edit("per_day: 3", "per_day: 5")

    (pending,) = admin.ask("status")["pending"]
    assert pending == "phases.preliminary.limits.per_day: 3 -> 5"

    report = admin.ask("deploy")
    assert report["outcome"] == "restarted"
    assert report["changes"] == [pending]
    after = admin.ask("status")
    assert after["pending"] == []
    assert after["pid"] != pid


def test_an_edited_page_is_published_while_the_platform_runs_on(admin):
    assert admin.run("deploy").returncode == 0
    pid = admin.ask("status")["pid"]
    page = admin.folder / "pages" / "rules.md"
    page.write_text(page.read_text() + "\nNo coffee near the scanner.\n")

    assert admin.ask("deploy")["outcome"] == "republished"
    assert "No coffee near the scanner" in admin.get("/rules.html")[1]
    assert admin.ask("status")["pid"] == pid


def test_a_faulty_edit_leaves_the_running_platform_alone(admin):
    assert admin.run("deploy").returncode == 0
    pid = admin.ask("status")["pid"]
    admin.edit("target: embedded", "target: moon")

    refused = admin.run("deploy")
    assert refused.returncode == 2
    assert "challenge.yaml:" in refused.stderr
    after = admin.ask("status")
    assert (after["health"], after["pid"]) == ("running", pid)
    assert "has faults" in after["pending"][0]
    assert admin.run("people", "list").returncode == 0


def test_data_that_cannot_be_used_leave_the_running_platform_alone(admin):
    reference = admin.folder / "data/test-public/reference/public-02/mask.nii.gz"
    good = reference.read_bytes()
    content = bytearray(gzip.decompress(good))
    content[352:] = bytes(len(content) - 352)  # behind the header: a mask without any label
    reference.write_bytes(gzip.compress(content))
    started = admin.run("deploy")
    assert started.returncode == 0, started.stderr
    assert "odd about the data: 1 (`diychallenge check` names what)" in started.stdout
    pid = admin.ask("status")["pid"]

    reference.write_bytes(good[:-30])

    refused = admin.run("deploy")
    assert refused.returncode == 2
    path = "data/test-public/reference/public-02/mask.nii.gz"
    told = f"tasks[0].cases.public: {path}: ends before all of its data"
    assert told in refused.stderr
    rescored = admin.run("rescore")
    assert rescored.returncode == 2
    assert told in rescored.stderr
    corrections = admin.ask("corrections", "list")["corrections"]
    assert {one["state"] for one in corrections} == {"in-force"}
    after = admin.ask("status")
    assert (after["health"], after["pid"]) == ("running", pid)


def test_a_taken_port_is_named_with_its_owner_before_anything_is_made(admin):
    before = listing(admin.folder)
    with socket.create_server(("127.0.0.1", admin.http)):
        refused = admin.run("deploy")

    assert refused.returncode == 2
    assert f"embedded.http: port {admin.http} is taken by" in refused.stderr
    assert f"process {os.getpid()}" in refused.stderr
    assert listing(admin.folder) == before


def test_where_nothing_holds_code_phases_that_take_it_are_refused(admin):
    weak = {"DIYCHALLENGE_SANDBOX": "none"}
    refused = admin.run("deploy", env=weak)

    assert refused.returncode == 2
    assert "phases that take code cannot run here (preliminary, final)" in refused.stderr
    assert "hint: " in refused.stderr

    admin.edit("submission: [code, predictions]", "submission: [predictions]")
    admin.edit("submission: [code]", "submission: [predictions]")
    accepted = admin.run("deploy", env=weak)
    assert accepted.returncode == 0, accepted.stderr
    assert "no phase may take code" in accepted.stdout


def test_a_damaged_database_is_named(admin):
    assert admin.run("deploy").returncode == 0
    assert admin.run("down").returncode == 0
    database = admin.folder / ".diychallenge" / "platform.db"
    keep = database.read_bytes()
    database.write_bytes(b"this is no database" * 1000)

    failed = admin.run("deploy")
    assert failed.returncode == 1
    assert "platform.db: is no database: its beginning was overwritten" in failed.stderr
    database.write_bytes(keep)


def test_a_platform_that_ends_while_it_starts_is_quoted(admin, tmp_path):
    place = tmp_path / "tmp"
    place.mkdir()
    sockets = StateFolder(admin.folder / ".diychallenge").socket_folder
    (place / sockets.name).write_text("in the way of the socket folder")

    failed = admin.run("deploy", env={"TMPDIR": str(place)})

    assert failed.returncode == 1
    assert "the platform ended while it was starting; its last words:" in failed.stderr
    assert "platform.log" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert admin.ask("status")["health"] == "stopped"


def test_a_moved_folder_is_picked_up_where_it_is_now(admin):
    assert admin.run("deploy").returncode == 0
    assert admin.run("down").returncode == 0
    record = admin.folder / ".diychallenge" / "deployed.json"
    sockets = Path(json.loads(record.read_text())["socket_folder"])
    assert sockets.is_dir()
    moved = admin.folder.with_name("moved")
    admin.folder.rename(moved)
    admin.folder = moved

    report = admin.ask("deploy")
    assert report["outcome"] == "started"
    assert any(change.startswith("folder: ") for change in report["changes"])
    assert admin.get("/healthz")[0] == 200
    assert not sockets.exists()


def test_serve_runs_in_front_until_sigterm(admin):
    front = subprocess.Popen(
        [sys.executable, "-m", "cli", "serve"],
        cwd=admin.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        for _ in range(300):
            if admin.run("status").returncode == 0 and admin.ask("status")["health"] == "running":
                break
        assert admin.ask("status")["pid"] == front.pid
        assert admin.ask("deploy")["outcome"] == "unchanged"
        front.terminate()
        assert front.wait(15) == 0
        assert admin.ask("status")["health"] == "stopped"
    finally:
        front.kill()
        front.communicate()


def test_serve_of_an_empty_state_folder_says_what_to_do(admin, tmp_path):
    refused = admin.run("serve", "--state", str(tmp_path / "nowhere"))

    assert refused.returncode == 2
    assert "nothing is deployed here" in refused.stderr


def test_an_edited_page_is_not_shown_before_the_next_deploy(admin):
    assert admin.run("deploy").returncode == 0
    page = admin.folder / "pages" / "rules.md"
    page.write_text(page.read_text() + "\nNo coffee near the scanner.\n")

    # Everything that publishes meanwhile publishes what was put in force.
    assert admin.run("leaderboard", "publish").returncode == 0
    assert "No coffee near the scanner" not in admin.get("/rules.html")[1]
    assert "pages: edited" in admin.ask("status")["pending"]


def test_an_agreement_keeps_its_text_under_its_version(admin):
    assert admin.run("deploy").returncode == 0
    page = admin.folder / "pages" / "agreement.md"
    before = page.read_text()
    page.write_text(before + "\nThe data may be sold.\n")

    refused = admin.run("deploy")

    said = "agreement data-use: pages/agreement.md was changed, and its version is still 1"
    assert refused.returncode == 2
    assert f"error: {said}\n" in refused.stderr
    assert "raise its `version`" in refused.stderr
    assert f"{said}: `deploy` will refuse it" in admin.ask("status")["pending"]
    copy = StateFolder(admin.folder / ".diychallenge").pages / "agreement.md"
    assert copy.read_text() == before

    admin.edit("      version: 1 ", "      version: 2 ")
    assert admin.run("deploy").returncode == 0
    assert copy.read_text().endswith("The data may be sold.\n")


def test_a_page_that_cannot_be_published_leaves_the_running_platform_alone(admin):
    assert admin.run("deploy").returncode == 0
    pid = admin.ask("status")["pid"]
    (admin.folder / "pages" / "rules.md").write_bytes(b"\xff\xfe")
    admin.edit("per_day: 3", "per_day: 4")

    refused = admin.run("deploy")

    assert refused.returncode == 2
    assert "rules.md: is not UTF-8" in refused.stderr
    assert admin.ask("status")["pid"] == pid


def test_a_plan_says_what_a_deploy_would_do_and_does_nothing(admin):
    before = set(listing(admin.folder))
    first = admin.ask("plan")["changes"]
    assert len(first) == 1
    assert first[0].startswith(f"first deploy: http://127.0.0.1:{admin.http}")
    # The data were opened, and what was found out is remembered: nothing else was made.
    made = {str(path.parts[0]) for path in set(listing(admin.folder)) - before}
    assert made <= {".diychallenge"}
    assert not (admin.folder / ".diychallenge" / "platform.db").exists()

    assert admin.run("deploy").returncode == 0
    nothing = admin.run("plan")
    assert "nothing to change" in nothing.stdout
    assert nothing.returncode == 0
    admin.edit("per_day: 3", "per_day: 4")
    assert admin.run("plan").returncode == 3
    assert admin.ask("plan")["changes"] == ["phases.preliminary.limits.per_day: 3 -> 4"]
    assert admin.ask("deploy")["changes"] == ["phases.preliminary.limits.per_day: 3 -> 4"]

    assert "answering at" in admin.run("logs", "-n", "500").stdout
    assert admin.run("down").returncode == 0
    assert admin.ask("plan")["changes"] == ["platform: stopped -> running"]
