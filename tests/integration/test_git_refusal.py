"""The wire format in which a push is refused as a whole."""

import pytest

from blueprint.adapters.push_report import packet
from blueprint.serve.basic_auth import basic_credentials
from blueprint.serve.git_refusal import push_refusal, pushed_refs

OLD, NEW = b"0" * 40, b"a" * 40


def test_a_packet_begins_with_its_own_length_in_hexadecimal():
    # gitprotocol-common gives this example: "0006a\n".
    assert packet(b"a\n") == b"0006a\n"


def test_refs_are_read_from_the_first_bytes_of_a_push():
    first = OLD + b" " + NEW + b" refs/heads/main\0 report-status side-band-64k agent=git/2\n"
    second = OLD + b" " + NEW + b" refs/tags/submission/1"
    head = packet(first) + packet(second) + b"0000PACK...."

    assert pushed_refs(head) == (b"refs/heads/main", b"refs/tags/submission/1")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"0000",
        b"0001",
        b"0004",
        b"zzzz",
        b"-001",
        b"ffff" + b"x" * 100,
        packet(OLD + b" " + NEW + b" refs/heads/main\n"),  # asks for no report
        packet(OLD + b" " + NEW + b" ../../x\0report-status side-band-64k"),
        packet(OLD + b" " + NEW + b" refs/\xff\0report-status side-band-64k"),
        packet(OLD + b" " + NEW + b" refs/a\nng b\0report-status side-band-64k"),
    ],
)
def test_what_is_no_list_of_refs_gives_none(head):
    assert pushed_refs(head) == ()


def test_a_refusal_says_its_words_and_judges_each_ref():
    body = push_refusal("refused: too large", "too large", (b"refs/heads/main",))

    report = b"0015unpack too large\n" + b"0021ng refs/heads/main too large\n" + b"0000"
    assert body == packet(b"\x02refused: too large\n") + packet(b"\x01" + report) + b"0000"


def test_without_known_refs_the_last_line_ends_the_push_by_itself():
    body = push_refusal("one\ntwo", "too large", ())

    assert body == b"0009\x02one\n" + b"0009\x03two\n" + b"0000"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Bearer abc",
        "Basic !!!",
        "Basic YWRh",  # no colon
        "Basic OnRva2Vu",  # no name
        "Basic YWRhOg==",  # no token
        "Basic /////w==",  # not UTF-8
        "Basic " + "A" * 2000,
    ],
)
def test_what_is_no_credential_is_none(header):
    assert basic_credentials(header) is None
