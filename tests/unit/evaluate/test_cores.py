"""Runs side by side have cores of their own while there are enough."""

from blueprint.evaluate.sandbox.cores import Cores


def test_two_runs_share_no_core_while_there_are_enough():
    cores = Cores([0, 1, 2, 3])

    with cores.held(2) as first, cores.held(1) as second, cores.held(1) as third:
        assert (first, second, third) == ((2, 3), (1,), (0,))


def test_a_core_that_was_given_back_is_given_again():
    cores = Cores([0, 1])

    with cores.held(1) as first:
        pass
    with cores.held(1) as second:
        assert first == second == (1,)


def test_when_all_are_taken_the_least_used_is_shared():
    cores = Cores([0, 1])

    with cores.held(2), cores.held(1) as second, cores.held(1) as third:
        assert {*second, *third} == {0, 1}


def test_nobody_gets_more_cores_than_there_are():
    with Cores([4]).held(8) as taken:
        assert taken == (4,)
