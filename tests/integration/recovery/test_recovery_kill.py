"""kill -9 at every state of a submission: nothing is lost, and nothing happens twice."""

import pytest


@pytest.mark.parametrize(("state", "next_state"), [
    ("received", "checked"),
    ("checked", "canary"),
    ("predicted", "scoring"),
    ("scoring", "scored"),
])  # fmt: skip
def test_killed_in_the_middle_of_a_move(deployment, state, next_state):
    team = deployment.team(f"ada-{state}")
    team.commit()
    with deployment.held_move(next_state):
        number = team.push()
        deployment.wait_attempts(number, begun=1)
        deployment.wait_state(number, state)
        left = deployment.kill()
    assert deployment.state_of(number) == state
    assert not deployment.ask_database("SELECT 1 FROM evaluations WHERE submission_id = ?", number)
    deployment.wait_gone(left)

    deployment.recover()

    deployment.demand_published_once(team, number, ["lost", "scored"])


def test_killed_while_the_program_runs_on_trial_and_again_while_it_runs_on_all(deployment):
    team = deployment.team("bea")
    team.commit(gate="bea")
    number = team.push()
    for state in ("canary", "predicting"):
        deployment.wait_state(number, state)
        deployment.wait_program()
        left = deployment.kill()
        assert deployment.state_of(number) == state
        assert any("predict.py" in one.argv for one in left)
        deployment.wait_gone(left)

        deployment.recover()
        deployment.open_gate("bea", trial=True)
    deployment.open_gate("bea", trial=False)

    deployment.demand_published_once(team, number, ["lost", "lost", "scored"])


def test_killed_after_the_result_and_before_the_leaderboard_had_it(deployment):
    team = deployment.team("dov")
    team.commit()
    with deployment.held_site():
        number = team.push()
        deployment.wait_state(number, "scored")
        left = deployment.kill()
        assert deployment.state_of(number) == "scored"
        deployment.wait_gone(left)

    deployment.recover()

    deployment.demand_published_once(team, number, ["scored"])


@pytest.mark.parametrize(("hook", "when"), [
    ("update", "refs/*"),
    ("reference-transaction", "prepared"),
])  # fmt: skip
def test_power_lost_before_git_had_the_tag_and_pushed_again(deployment, hook, when):
    team = deployment.team(f"eli-{hook}")
    team.commit()
    with deployment.held_push(team, hook, when) as pushing:
        deployment.wait_gone(deployment.kill(power_cut=True))
        assert pushing.wait(20) != 0
    (reserved,) = deployment.usage(team).running

    deployment.recover()

    assert team.push() == reserved
    deployment.demand_published_once(team, reserved, ["scored"])


def test_power_lost_before_git_had_the_tag_and_never_pushed_again(deployment, wait_until):
    team = deployment.team("fay")
    team.commit()
    with deployment.held_push(team, "update", "refs/*"):
        deployment.wait_gone(deployment.kill(power_cut=True))
    (reserved,) = deployment.usage(team).running
    deployment.make_time_pass(reserved)

    deployment.recover()

    wait_until(lambda: deployment.state_of(reserved) is None, "the reservation is taken back")
    assert deployment.usage(team).total == 0
    deployment.demand_audit_whole()


def test_power_lost_in_the_middle_of_a_push_leaves_nothing_in_the_repository(
    deployment, wait_until
):
    team = deployment.team("eva")
    repository = deployment.repository(team)
    before = deployment.listing(repository)
    with deployment.half_a_push(team):
        wait_until(lambda: list(repository.glob("objects/*incoming-*")), "git receives objects")
        deployment.wait_gone(deployment.kill(power_cut=True))
    assert deployment.listing(repository) != before

    deployment.recover()

    assert deployment.listing(repository) == before


def test_killed_after_git_had_the_tag_and_before_the_platform_knew(deployment):
    team = deployment.team("gus")
    team.commit()
    with deployment.held_push(team, "reference-transaction", "committed"):
        left = deployment.kill()
    deployment.wait_gone(left)
    (reserved,) = deployment.usage(team).running
    assert deployment.ask_database(
        "SELECT confirmed_at IS NULL FROM submissions WHERE id = ?", reserved
    )

    deployment.recover()

    deployment.demand_published_once(team, reserved, ["scored"])
