"""`plan` and `render` for servers: exit codes, what is printed, and what is never written over."""

import json
from pathlib import Path

from tests.server import TWO_HOSTS, write_project


def test_plan_shows_everything_and_exits_with_3(run_cli, tmp_path: Path, starter_folder: Path):
    file = write_project(tmp_path, starter_folder)

    ran = run_cli("plan", str(file))

    assert ran.code == 3
    for line in (
        "host main: deploy@192.0.2.10 (main)",
        "host gpu1: deploy@192.0.2.11 (runner, 2 GPUs)",
        "DNS auth.challenge.example.org -> 192.0.2.10: logging in",
        ", port 443 of the host",
        "nothing is deployed yet: all of it is new",
        "note: no digest in the image lock",
    ):
        assert line in ran.out


def test_plan_against_its_own_bundle_exits_with_0(run_cli, tmp_path: Path, starter_folder: Path):
    file = write_project(tmp_path, starter_folder)
    bundle = tmp_path / "bundle"
    assert run_cli("render", "--to", str(bundle), str(file)).code == 0

    same = run_cli("plan", str(file), "--against", str(bundle), "--json")
    file.write_text(TWO_HOSTS.replace("192.0.2.11", "192.0.2.12"))
    changed = run_cli("plan", str(file), "--against", str(bundle / "plan.json"), "--json")

    assert same.code == 0
    assert json.loads(same.out)["changes"] == []
    assert changed.code == 3
    assert {one["place"] for one in json.loads(changed.out)["changes"]} >= {"gpu1"}
    assert "gpu1 becomes another machine" in json.loads(changed.out)["losses"][0]


def test_a_bundle_written_twice_has_the_same_bytes(run_cli, tmp_path: Path, starter_folder: Path):
    file = write_project(tmp_path, starter_folder)
    for name in ("one", "two", "two"):
        assert run_cli("render", "--file", str(file), "--to", str(tmp_path / name)).code == 0

    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes()
         for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one", "two")
    )  # fmt: skip
    assert one == two
    assert len(one) > 20


def test_a_folder_that_is_no_bundle_is_left_alone(run_cli, tmp_path: Path, starter_folder: Path):
    file = write_project(tmp_path, starter_folder)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")

    ran = run_cli("render", str(file), "--to", str(mine))

    assert ran.code == 2
    assert f"{mine}: is there already and is no bundle: nothing was written" in ran.err
    assert [path.name for path in mine.iterdir()] == ["thesis.tex"]


def test_a_bundle_is_brought_up_to_date_and_what_lies_beside_it_stays(
    run_cli, tmp_path: Path, starter_folder: Path
):
    file = write_project(tmp_path, starter_folder)
    bundle = tmp_path / "bundle"
    assert run_cli("render", str(file), "--to", str(bundle)).code == 0
    (bundle / ".git").mkdir()
    (bundle / ".git" / "HEAD").write_text("ref: refs/heads/main")
    file.write_text(TWO_HOSTS.replace("gpu1:", "gpu2:"))

    assert run_cli("render", str(file), "--to", str(bundle)).code == 0

    assert (bundle / ".git" / "HEAD").read_text() == "ref: refs/heads/main"
    assert sorted(path.name for path in (bundle / "hosts").iterdir()) == ["gpu2", "main"]


def test_deploy_to_servers_is_refused_whole(run_cli, tmp_path: Path, starter_folder: Path):
    file = write_project(tmp_path, starter_folder)
    before = sorted(tmp_path.iterdir())

    ran = run_cli("deploy", "--file", str(file))

    assert ran.code == 2
    assert "target: 'server' is planned and rendered in this version" in ran.err
    assert sorted(tmp_path.iterdir()) == before


def test_check_takes_a_file_and_says_what_the_admin_brings(
    run_cli, tmp_path: Path, starter_folder: Path
):
    name = "security: tls, port: 465, username: brain, "
    file = write_project(tmp_path, starter_folder, TWO_HOSTS.replace("mail: {", f"mail: {{{name}"))

    ran = run_cli("check", str(file), "--no-data")

    assert ran.code == 0
    assert "host main: 192.0.2.10, proxy, identity, objects, git," in ran.out
    assert "note: put into .diychallenge/server/secrets/mail-password before" in ran.out


def test_one_challenge_at_a_time(run_cli, tmp_path: Path):
    ran = run_cli("check", "a.yaml", "--file", "b.yaml")

    assert ran.code == 2
    assert "name one challenge.yaml" in ran.err
