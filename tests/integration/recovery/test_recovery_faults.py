"""Faults of the platform: tried again, at most three times, and never at the team's cost."""

import os
import subprocess

import pytest


def test_a_fault_of_the_platform_is_tried_three_times_more_and_refunded(deployment):
    team = deployment.team("kim")
    team.commit()
    with deployment.spoilt_runs():
        number = team.push()
        for attempt in (1, 2, 3):
            deployment.wait_attempts(number, ended=attempt)
            assert deployment.state_of(number) == "received"
            deployment.make_time_pass(number)
        deployment.wait_state(number, "failed")

    shown = deployment.ask("submissions", "show", str(number))
    found = shown["submission"]
    assert (found["fault_class"], found["refunded"], found["platform_faults"]) == (
        "platform", True, 4,
    )  # fmt: skip
    outcomes = [attempt["outcome"] for attempt in shown["attempts"]]
    assert outcomes == ["retried", "retried", "retried", "failed"]
    assert "its quota was given back" in shown["progress"]["happening"]
    assert deployment.usage(team).total == 0
    assert shown["result"] is None
    deployment.demand_audit_whole()


@pytest.mark.skipif(os.getuid() != 0, reason="mounts a small file system, which takes root")
def test_a_full_disk_costs_an_attempt_and_not_the_submission(deployment):
    team = deployment.team("lea")
    team.commit(more={"weights.bin": os.urandom(256 * 1024)})
    runs = str(deployment.state.runs)
    small = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", runs]
    if subprocess.run(small, capture_output=True, check=False).returncode != 0:
        pytest.skip("this root may not mount")
    try:
        number = team.push()
        deployment.wait_attempts(number, ended=1)
    finally:
        subprocess.run(["umount", "--lazy", runs], check=True)
    assert deployment.state_of(number) == "received"
    deployment.make_time_pass(number)

    deployment.demand_published_once(team, number, ["retried", "scored"])
    assert b"No space left" in deployment.state.log.read_bytes()
