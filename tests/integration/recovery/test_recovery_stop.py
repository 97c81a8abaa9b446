"""Stops, second deploys and deploys at the same time: one platform, and nothing is disturbed."""

import os
import signal


def test_sigterm_waits_for_nobody_and_what_ran_begins_again(deployment, wait_until):
    team = deployment.team("hal")
    team.commit(gate="hal")
    number = team.push()
    deployment.wait_program()
    with deployment.half_a_push(team):
        started = deployment.children()
        os.kill(deployment.pid, signal.SIGTERM)

        wait_until(lambda: not deployment.is_running(), "the platform ends", within_s=36)

        deployment.wait_gone(started)
    assert deployment.ask("status")["health"] == "stopped"
    assert deployment.deploy() == "started"
    for trial in (True, False):
        deployment.open_gate("hal", trial=trial)
    deployment.demand_published_once(team, number, ["lost", "scored"])


def test_a_second_deploy_changes_nothing_and_disturbs_no_submission(deployment):
    team = deployment.team("ivy")
    team.commit(gate="ivy")
    number = team.push()
    deployment.wait_program()
    pid, running = deployment.pid, deployment.children()
    before = deployment.state.deployed.stat().st_mtime_ns

    again = deployment.cli("deploy")

    assert (again.returncode, "nothing changed" in again.stdout) == (0, True)
    assert (deployment.pid, deployment.state.deployed.stat().st_mtime_ns) == (pid, before)
    assert all(one.is_alive for one in running if "predict.py" in one.argv)
    for trial in (True, False):
        deployment.open_gate("ivy", trial=trial)
    deployment.demand_published_once(team, number, ["scored"])


def test_two_deploys_at_once_make_one_platform(fresh):
    both = [fresh.start_cli("deploy") for _ in range(2)]
    said = [deploying.communicate(timeout=60) for deploying in both]
    codes = sorted(deploying.returncode for deploying in both)

    assert codes[0] == 0, said
    assert all("Traceback" not in error for _, error in said)
    if codes[1] != 0:
        assert any("another deploy or destroy is under way" in error for _, error in said)
    (platform,) = fresh.processes()
    assert platform.pid == fresh.pid
    assert fresh.ask("status")["health"] == "running"


def test_destroy_removes_exactly_what_was_made(fresh, wait_until):
    before = fresh.listing(), fresh.listing(fresh.temp)
    assert fresh.deploy() == "started"
    team = fresh.team("jan")
    team.commit(gate="jan")
    number = team.push()
    fresh.wait_program()
    left = fresh.kill()
    assert fresh.deploy() == "recovered"
    fresh.wait_program()
    left += fresh.children()
    assert fresh.state_of(number) == "canary"
    assert (fresh.listing(), fresh.listing(fresh.temp)) != before

    done = fresh.cli("destroy", "--yes")

    assert done.returncode == 0, done.stderr
    assert (fresh.listing(), fresh.listing(fresh.temp)) == before
    fresh.wait_gone(left)
    wait_until(lambda: not fresh.processes(), "the platform has ended", within_s=5)
