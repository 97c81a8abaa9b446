"""`init` leaves a folder that `check` accepts, and never overwrites anything."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from blueprint.config.load import load

ROOT = Path(__file__).resolve().parents[3]


def test_flags_land_in_challenge_yaml(run_cli, tmp_path):
    ran = run_cli(
        "init", tmp_path / "liver", "--yes", "--title", "Liver: tumours #1",
        "--contact", "liver@example.org", "--timezone", "Europe/Berlin",
        "--http-port", "18080", "--sftp-port", "12022", "--institution", "Sankt Märten",
    )  # fmt: skip
    challenge = load(tmp_path / "liver" / "challenge.yaml")

    assert ran.code == 0
    assert challenge.challenge.id == "liver"
    assert challenge.challenge.title == "Liver: tumours #1"
    assert challenge.challenge.timezone == "Europe/Berlin"
    assert challenge.challenge.organizers[0].institution == "Sankt Märten"
    assert (challenge.embedded.http, challenge.embedded.sftp) == (18080, 12022)


def test_an_odd_folder_name_still_gives_an_id(run_cli, tmp_path):
    assert run_cli("init", tmp_path / "Our Éxample (2027)", "--yes").code == 0

    found = load(tmp_path / "Our Éxample (2027)" / "challenge.yaml").challenge.id
    assert found == "our-xample-2027"


def test_nothing_is_overwritten(run_cli, challenge_folder):
    file = challenge_folder / "challenge.yaml"
    file.write_text("# mine")

    ran = run_cli("init", challenge_folder, "--yes")

    assert ran.code == 2
    assert file.read_text() == "# mine"


def test_a_bad_answer_is_the_callers_fault(run_cli, tmp_path):
    ran = run_cli("init", tmp_path / "x", "--yes", "--timezone", "Mars/Olympus")

    assert ran.code == 2
    assert "Mars/Olympus" in ran.err
    assert not (tmp_path / "x").exists()


def test_scripts_learn_what_was_made(run_cli, tmp_path):
    document = json.loads(run_cli("init", tmp_path / "x", "--yes", "--json").out)

    assert "challenge.yaml" in document["made"]


def test_without_flags_it_asks_on_a_terminal(tmp_path):
    leader, follower = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-m", "cli", "init", str(tmp_path / "asked")],
        cwd=ROOT, stdin=follower, stdout=follower, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    # Id, title, contact, group, institution, zone and two ports; empty takes the default.
    os.write(leader, b"\nA title of mine\n\n\n\nAsia/Tokyo\n\n12022\n")
    code = asking.wait(30)
    os.close(leader)

    challenge = load(tmp_path / "asked" / "challenge.yaml")
    assert code == 0
    assert challenge.challenge.title == "A title of mine"
    assert challenge.challenge.timezone == "Asia/Tokyo"
    assert challenge.embedded.sftp == 12022
    assert challenge.embedded.http == 8080
