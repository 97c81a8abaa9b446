"""Evaluation hosts can verify the certificate under what they call the platform."""

import socket

import pytest

from blueprint.errors import InputError
from blueprint.serve.runner_address import RunnerAddress, runner_address


def test_a_certificate_never_names_the_address_that_means_all_of_them() -> None:
    # Nobody connects to 0.0.0.0; this machine's name is the best that is known by itself.
    for text in ("0.0.0.0:9443", "[::]:9443"):
        assert runner_address(text).certified_names() == (socket.gethostname(),)
        named = runner_address(text, ["platform.example.org", "192.0.2.7"])
        assert named.certified_names() == (
            socket.gethostname(), "platform.example.org", "192.0.2.7",
        )  # fmt: skip


def test_one_address_is_named_once_with_what_the_organizer_gives() -> None:
    made = runner_address("192.0.2.7:9443", ["platform.example.org", "192.0.2.7"])

    assert made == RunnerAddress("192.0.2.7", 9443, ("platform.example.org", "192.0.2.7"))
    assert made.certified_names() == ("192.0.2.7", "platform.example.org")


@pytest.mark.parametrize("text", ["9443", "192.0.2.7", ":9443", "192.0.2.7:65536", "host:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not ADDRESS:PORT"):
        runner_address(text)


@pytest.mark.parametrize("name", ["https://a.example.org", "a b", "", "0.0.0.0", "a..b", "-a"])
def test_what_no_host_can_call_it_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="--runner-name"):
        runner_address("192.0.2.7:9443", [name])
