"""Addresses say where people reach each door, whatever the platform listens on."""

import socket

import pytest

from blueprint.addresses import Addresses, embedded_addresses, read_addresses
from blueprint.config.model import Embedded


def test_everything_of_an_embedded_platform_is_on_one_host():
    made = embedded_addresses(Embedded(address="192.0.2.7", http=8081, sftp=2023))

    assert made == Addresses(
        site="http://192.0.2.7:8081",
        portal="http://192.0.2.7:8081/portal",
        git="http://192.0.2.7:8081/git",
        sftp_host="192.0.2.7",
        sftp_port=2023,
    )
    assert made.sftp == "192.0.2.7:2023"
    assert not made.is_secure


def test_an_ipv6_address_stands_in_brackets_in_urls_and_without_among_the_hosts():
    made = embedded_addresses(Embedded(address="2001:db8::5"))

    assert made.site == "http://[2001:db8::5]:8080"
    assert made.sftp == "[2001:db8::5]:2022"
    assert "2001:db8::5" in made.hosts


@pytest.mark.parametrize("every", ["0.0.0.0", "::"])
def test_every_address_of_the_machine_is_shown_as_the_machines_name(every):
    made = embedded_addresses(Embedded(address=every))

    assert made.site == f"http://{socket.gethostname()}:8080"
    assert made.sftp_host == socket.gethostname()


def test_a_clone_url_names_the_user_where_one_is_given():
    made = embedded_addresses(Embedded())

    assert made.clone_url("voxels") == "http://127.0.0.1:8080/git/voxels.git"
    assert made.clone_url("voxels", username="ada") == "http://ada@127.0.0.1:8080/git/voxels.git"


def test_addresses_come_back_from_the_record_as_they_were():
    made = Addresses("https://c.example", "https://c.example/portal", "https://git.example",
                     "data.example", 22)  # fmt: skip

    assert read_addresses(made.as_document()) == made
    assert made.is_secure
    assert {"c.example", "git.example", "localhost"} <= made.hosts
