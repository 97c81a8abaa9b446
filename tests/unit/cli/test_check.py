"""`check` names every mistake at its place, for people and for scripts."""

import json
from pathlib import Path


def edit(folder: Path, before: str, after: str) -> Path:
    file = folder / "challenge.yaml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    return file


def test_a_good_file_is_summed_up(run_cli, challenge_folder):
    ran = run_cli("check", "--file", challenge_folder / "challenge.yaml")

    assert ran.code == 0
    assert ran.out.startswith(f"{challenge_folder / 'challenge.yaml'}: ok\n")
    assert "phase preliminary" in ran.out


def test_the_folder_stands_for_its_challenge_yaml(run_cli, challenge_folder):
    assert run_cli("check", "--file", challenge_folder).code == 0


def test_all_faults_come_at_once_with_file_line_and_column(run_cli, challenge_folder):
    file = edit(challenge_folder, "approval: manual", "approval: later")
    edit(challenge_folder, "target: embedded", "tarrget: embedded")
    ran = run_cli("check", "--file", file)

    assert ran.code == 2
    places = [line for line in ran.err.splitlines() if f"{file}:" in line]
    assert len(places) == 2
    assert ran.err.startswith(f"error: {file}:")
    assert "tarrget" in ran.err
    assert "people.registration.approval" in ran.err
    assert "Traceback" not in ran.err


def test_scripts_get_the_faults_as_json(run_cli, challenge_folder):
    file = edit(challenge_folder, "approval: manual", "approval: later")
    ran = run_cli("check", "--json", "--file", file)

    (fault,) = json.loads(ran.out)["faults"]
    assert ran.code == 2
    assert fault["path"] == "people.registration.approval"
    assert fault["line"] > 1


def test_scripts_get_the_challenge_as_json(run_cli, challenge_folder):
    ran = run_cli("check", "--json", "--file", challenge_folder)

    document = json.loads(ran.out)
    assert document["faults"] == []
    assert document["challenge"]["phases"][0]["id"] == "preliminary"


def test_explain_says_every_default_with_its_reason(run_cli, challenge_folder):
    ran = run_cli("check", "--explain", "--file", challenge_folder)

    assert ran.code == 0
    assert "in UTC" in ran.out


def test_schema_is_json_schema(run_cli):
    schema = json.loads(run_cli("check", "--schema").out)

    assert schema["type"] == "object"
    assert "phases" in schema["properties"]
