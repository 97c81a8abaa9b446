"""The bundles of three challenges on servers, byte for byte.

To accept a change: `DIYCHALLENGE_WRITE_GOLDEN=1 pytest tests/golden/test_server.py`, then read the
diff. Roles are copied as they are, so they are not kept a second time here.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from blueprint.config.load import load
from blueprint.render.bundle import Files, render
from blueprint.render.sources import load_sources
from blueprint.services.assemble import plan_server
from blueprint.services.images import load_images

GOLDEN = Path(__file__).parent / "server"
NAMES = sorted(path.parent.name for path in GOLDEN.glob("*/challenge.yaml"))


def bundle(name: str) -> Files:
    file = GOLDEN / name / "challenge.yaml"
    plan = plan_server(load(file, check_data=False), load_images(), software="1.0.0")
    project = {"challenge.yaml": file.read_text(encoding="utf-8")}
    return render(plan, load_sources(), project=project)


def test_there_are_three():
    assert NAMES == ["external-s3-eab", "smallest", "two-hosts-gpus"]


@pytest.mark.parametrize("name", NAMES)
def test_the_bundle_is_the_one_that_was_read(name: str):
    made = {path: text for path, text in bundle(name).items() if not path.startswith("roles/")}
    folder = GOLDEN / name / "bundle"
    if os.environ.get("DIYCHALLENGE_WRITE_GOLDEN"):
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", newline="")

    kept = {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    assert sorted(made) == sorted(kept)
    for path, text in kept.items():
        assert made[path] == text, path


@pytest.mark.parametrize("name", NAMES)
def test_the_same_input_gives_the_same_bytes(name: str):
    assert bundle(name) == bundle(name)


@pytest.mark.parametrize("name", NAMES)
def test_roles_are_copied_as_they_are(name: str):
    roles = load_sources().roles

    copied = {path: text for path, text in bundle(name).items() if path.startswith("roles/")}
    assert copied == {f"roles/{path}": text for path, text in roles.items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_stored_plan_has_the_digest_of_every_file_of_every_host(name: str):
    files = bundle(name)
    stored = json.loads(files["plan.json"])

    assert stored["files"] == {
        path: hashlib.sha256(text.encode()).hexdigest()
        for path, text in files.items()
        if path.startswith("hosts/")
    }


def test_ground_truth_is_brought_to_evaluation_hosts_alone():
    plan = json.loads(bundle("two-hosts-gpus")["plan.json"])["plan"]
    brought = {
        (host["name"], one["source"], one["is_ground_truth"])
        for host in plan["hosts"]
        for service in host["services"]
        for one in service["transfers"]
    }

    assert brought == {
        ("main", "data/training", False),
        ("gpu1", "data/test-public", True),
        ("gpu1", "data/test-private", True),
    }


def test_the_evaluation_host_opens_ssh_alone_and_the_main_host_five_ports():
    challenge = load(GOLDEN / "two-hosts-gpus" / "challenge.yaml", check_data=False)
    plan = plan_server(challenge, load_images(), software="1.0.0")
    opened = {host.name: sorted(one.port for one in host.openings) for host in plan.hosts}

    assert opened == {"main": [22, 80, 443, 2022, 2222], "gpu1": [22]}
