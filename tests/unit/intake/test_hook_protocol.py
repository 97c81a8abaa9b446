"""A report of the hook is read with suspicion: rubbish is a fault, never a crash."""

import json
import random
from typing import Any

import pytest

from blueprint.intake.hook_protocol import MAX_BODY_BYTES, ProtocolError, parse_report

SHA = "a" * 40
REPORT: dict[str, Any] = {
    "protocol": 2, "username": "ada", "team": "voxels", "refs_complete": True,
    "refs": [{"ref": "refs/tags/submission/1", "old": "0" * 40, "new": SHA}],
    "tags": [{
        "ref": "refs/tags/submission/1", "commit": SHA, "listing": "YQ==",
        "listing_complete": True, "manifest": None, "manifest_complete": False,
    }],
}  # fmt: skip


def test_a_report_is_read() -> None:
    report = parse_report(json.dumps(REPORT).encode())

    assert (report.username, report.team) == ("ada", "voxels")
    assert report.refs[0].is_new
    assert report.refs[0].is_submission
    assert report.tags[0].listing == b"a"
    assert report.tags[0].manifest is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("protocol", 1),
        ("username", ""),
        ("username", "ada@example.org"),
        ("username", "ada'; drop table people"),
        ("team", "../../etc"),
        ("team", "Voxels"),
        ("refs", []),
        ("refs", [{"ref": "refs/heads/x", "old": "zz", "new": SHA}]),
        ("refs", REPORT["refs"] * 201),
        ("tags", REPORT["tags"] * 3),
        ("tags", [{"ref": "refs/tags/submission/1", "commit": "--upload-pack=x"}]),
        ("tags", [{"ref": "refs/tags/submission/1", "commit": SHA, "listing": "a"}]),
        ("more", 1),
    ],
)
def test_what_the_protocol_does_not_say_is_refused(field: str, value: object) -> None:
    with pytest.raises(ProtocolError, match="not a report of the hook"):
        parse_report(json.dumps({**REPORT, field: value}).encode())


@pytest.mark.parametrize(
    "body", [b"", b"null", b"\xff\xfe", b"[" * 100_000, b'{"refs":' * 50_000, b"NaN", b"1" * 9999]
)
def test_rubbish_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_report(body)


def test_a_report_beyond_the_bound_is_not_even_read() -> None:
    with pytest.raises(ProtocolError, match="larger than"):
        parse_report(b" " * (MAX_BODY_BYTES + 1))


def test_any_damage_is_refused_or_harmless() -> None:
    dice = random.Random(1)  # noqa: S311 (damage that can be repeated)
    whole = json.dumps(REPORT).encode()

    for _ in range(2_000):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            report = parse_report(bytes(damaged))
        except ProtocolError:
            continue
        assert report.team.isascii()
        assert all(set(update.new) <= set("0123456789abcdef") for update in report.refs)
