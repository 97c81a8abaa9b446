"""What a policy says, and what the plan of a server asks of its object store."""

from typing import Any

import pytest

from blueprint.errors import ToolError
from blueprint.provision.changes import Change, ensure
from blueprint.provision.store_rights import Grant, is_same_policy, policy_of

OWNED = Grant("demo-site", frozenset({"read", "list", "write", "delete"}))


def test_a_policy_says_what_may_be_done_where_and_nothing_more() -> None:
    assert policy_of([Grant("demo-logs", frozenset({"read", "list", "write"}))]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"],
                "Resource": ["arn:aws:s3:::demo-logs"],
            },
            {
                "Effect": "Allow",
                "Action": [
                    "s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectRetention",
                    "s3:GetObjectVersion", "s3:ListMultipartUploadParts", "s3:PutObject",
                ],
                "Resource": ["arn:aws:s3:::demo-logs/*"],
            },
        ],
    }  # fmt: skip


def test_who_may_delete_may_not_delete_a_version() -> None:
    wanted: Any = policy_of([OWNED])
    assert wanted["Statement"][-1] == {
        "Effect": "Deny",
        "Action": ["s3:DeleteObjectVersion"],
        "Resource": ["arn:aws:s3:::demo-site/*"],
    }


def test_the_order_in_which_a_server_writes_a_policy_down_means_nothing() -> None:
    wanted: Any = policy_of([OWNED])
    turned: Any = {
        "Statement": [
            {key: list(reversed(value)) if isinstance(value, list) else value
             for key, value in one.items()}
            for one in reversed(wanted["Statement"])
        ],
        "Version": "2012-10-17",
    }  # fmt: skip
    one_word = {**turned, "Statement": [
        {**one, "Resource": one["Resource"][0]} for one in turned["Statement"]
    ]}  # fmt: skip
    assert is_same_policy(turned, wanted)
    assert is_same_policy(one_word, wanted)


@pytest.mark.parametrize(
    "change",
    [
        {"Action": ["s3:*"]},
        {"Effect": "Deny"},
        {"Resource": ["arn:aws:s3:::*"]},
        {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    ],
)
def test_a_policy_that_says_something_else_is_another(change: dict[str, object]) -> None:
    wanted: Any = policy_of([OWNED])
    first, *others = wanted["Statement"]
    assert not is_same_policy({**wanted, "Statement": [{**first, **change}, *others]}, wanted)
    assert not is_same_policy({**wanted, "Statement": others}, wanted)
    assert not is_same_policy(None, wanted)


def test_a_change_is_told_when_it_holds_and_only_then() -> None:
    state, told = {"on": False}, list[Change]()

    def switch_on() -> None:
        state["on"] = True

    for _ in range(2):
        ensure("x", "switched on", holds=lambda: state["on"], make=switch_on, report=told.append)
    assert told == [Change("x", "switched on")]

    with pytest.raises(ToolError, match="x: could not be made: the server said yes"):
        ensure("x", "made", holds=lambda: False, make=lambda: None, report=told.append)
    assert len(told) == 1
