"""A port that cannot be had is named before anything starts, with who has it."""

import os
import pwd
import socket

import pytest

from blueprint.deploy.ports import demand_free, owner_of
from blueprint.errors import InputError


@pytest.fixture
def listener():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_free_ports_pass(free_port):
    demand_free("127.0.0.1", {"embedded.http": free_port(), "embedded.sftp": free_port()})


def test_a_taken_port_is_named_with_its_process_and_user(listener, free_port):
    with pytest.raises(InputError) as caught:
        demand_free("127.0.0.1", {"embedded.http": listener, "embedded.sftp": free_port()})

    said = str(caught.value)
    user = pwd.getpwuid(os.getuid()).pw_name
    assert said.startswith(f"embedded.http: port {listener} is taken by ")
    assert f"(process {os.getpid()}, user {user})" in said
    assert "embedded.sftp" not in said


def test_every_port_at_fault_is_named_at_once(listener):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = {"embedded.http": listener, "embedded.sftp": other.getsockname()[1]}
        with pytest.raises(InputError) as caught:
            demand_free("127.0.0.1", ports)

    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == list(ports)


def test_a_port_taken_on_ipv6_has_an_owner_too():
    with socket.socket(socket.AF_INET6) as server:
        try:
            server.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        server.listen()
        owner = owner_of(server.getsockname()[1])

    assert owner is not None
    assert owner.pid == os.getpid()


def test_a_closed_connection_that_lingers_is_no_obstacle(free_port):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as server:
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
        accepted.close()  # our side closes last, theirs stays in TIME_WAIT or ours does

    demand_free("127.0.0.1", {"embedded.http": port})


def test_one_port_for_two_things_is_refused(free_port):
    port = free_port()

    with pytest.raises(InputError, match=r"embedded\.http and embedded\.sftp are the same port"):
        demand_free("127.0.0.1", {"embedded.http": port, "embedded.sftp": port})


def test_an_address_of_another_machine_is_said_to_be_one(free_port):
    # 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    with pytest.raises(InputError, match=r"192\.0\.2\.1 is no address of this machine"):
        demand_free("192.0.2.1", {"embedded.http": free_port()})


def test_nobody_owns_a_free_port(free_port):
    assert owner_of(free_port()) is None
