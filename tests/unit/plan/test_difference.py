"""Two plans differ in exactly the keys that were edited, in the words of challenge.yaml."""

from blueprint.plan.difference import changes
from blueprint.plan.plan import Plan, read_plan


def plan(software: str = "1.0.0", **challenge: object) -> Plan:
    return Plan(software, challenge)


def told(before: Plan, after: Plan) -> list[str]:
    return [str(change) for change in changes(before, after)]


def test_equal_plans_differ_in_nothing():
    one = plan(challenge={"id": "a"}, phases=[{"id": "p", "limits": {"total": 3}}])

    assert changes(one, one) == ()


def test_a_changed_value_is_named_by_its_path_with_both_values():
    before = plan(phases=[{"id": "final", "limits": {"total": 1, "per_day": None}}])
    after = plan(phases=[{"id": "final", "limits": {"total": 2, "per_day": 3}}])

    assert told(before, after) == [
        "phases.final.limits.total: 1 -> 2",
        "phases.final.limits.per_day: none -> 3",
    ]


def test_a_phase_put_in_front_does_not_make_the_others_look_changed():
    final = {"id": "final", "title": "Final", "limits": {"total": 1}}
    before, after = plan(phases=[final]), plan(phases=[{"id": "trial"}, final])

    assert told(before, after) == ["phases.trial: added (trial)"]


def test_removed_and_added_keys_are_told_apart():
    before = plan(data={"releases": [{"id": "old", "title": "Old set"}]})
    after = plan(data={"releases": [{"id": "new", "title": "New set"}]})

    assert told(before, after) == [
        "data.releases.new: added (New set)",
        "data.releases.old: removed",
    ]


def test_lists_of_plain_values_are_shown_whole():
    before = plan(phases=[{"id": "p", "submission": ["code"]}])
    after = plan(phases=[{"id": "p", "submission": ["code", "predictions"]}])

    assert told(before, after) == ["phases.p.submission: [code] -> [code, predictions]"]


def test_another_version_of_the_software_is_a_change():
    assert told(plan("1.0.0", a=1), plan("1.1.0", a=1)) == ["diychallenge: 1.0.0 -> 1.1.0"]


def test_a_stored_plan_reads_back_equal():
    one = plan(challenge={"id": "a"}, phases=[{"id": "p"}])

    assert read_plan(one.as_document()) == one
