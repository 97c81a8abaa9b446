"""Comparing with what is wanted, and putting it in."""

import pytest

from blueprint.provision.merging import covers, differing, merged

FOUND = {
    "flag": False,
    "uris": ["b", "a"],
    "inner": {"kept": "1", "changed": "2"},
    "attributes": [{"name": "email", "x": 1}, {"name": "keys", "edit": ["user", "admin"]}],
    "policy": "ADMIN_EDIT",
}


@pytest.mark.parametrize(
    "wanted",
    [
        {"flag": False},
        {"uris": ["a", "b"]},
        {"inner": {"kept": "1"}},
        {"attributes": [{"name": "keys", "edit": ["admin", "user"]}]},
        {"absent": None},
        {"nothing": []},
    ],
)
def test_what_is_there_is_not_changed(wanted):
    assert covers(FOUND, wanted)
    assert differing(FOUND, wanted) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"flag": True},
        {"uris": ["a"]},
        {"uris": ["a", "b", "c"]},
        {"uris": []},
        {"inner": {"changed": "3"}},
        {"inner": {"new": "3"}},
        {"attributes": [{"name": "keys", "edit": ["admin"]}]},
        {"attributes": [{"name": "other"}]},
        {"policy": None},
    ],
)
def test_what_is_not_as_wanted_is_named_and_put_right(wanted):
    assert not covers(FOUND, wanted)
    assert differing(FOUND, wanted) == list(wanted)
    assert covers(merged(FOUND, wanted), wanted)


def test_nothing_else_is_changed():
    wanted = {
        "inner": {"changed": "3"},
        "attributes": [{"name": "keys", "edit": ["admin"]}, {"name": "new"}],
        "policy": None,
    }

    assert merged(FOUND, wanted) == {
        "flag": False,
        "uris": ["b", "a"],
        "inner": {"kept": "1", "changed": "3"},
        "attributes": [
            {"name": "email", "x": 1},
            {"name": "keys", "edit": ["admin"]},
            {"name": "new"},
        ],
    }
