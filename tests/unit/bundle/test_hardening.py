"""Every container of every rendered stack is bounded: read from the files that hosts get."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from blueprint.intake.bare_repositories import MAX_PUSH_BYTES
from tests.bundles import NAMES, bundle_of, plan_of, stacks_of

_PUBLISHED = {
    ("proxy", "nginx"): {"80", "443"},
    ("git", "gitea"): {"2222"},
    ("sftp", "sshd"): {"2022"},
}
"""Everything that people reach: HTTP, HTTPS, git over SSH and SFTP."""
_CAPS = {
    ("sftp", "sshd"): {"SYS_CHROOT", "SETUID", "SETGID"},
    ("runner", "worker"): {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SYS_ADMIN"},
}
_ROOT = {("sftp", "sshd"), ("runner", "worker")}
_SOCKET = "/var/run/docker.sock"
Found = tuple[tuple[str, str], Mapping[str, Any]]


Stacks = Mapping[str, Any]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(name: str, bundle_folder: Path) -> Mapping[str, str]:
    return bundle_of(name, bundle_folder)


@pytest.fixture
def stacks(name: str, bundle_folder: Path) -> Stacks:
    return stacks_of(name, bundle_folder)


def _containers(stacks: Stacks) -> Iterator[Found]:
    found = 0
    for path, stack in stacks.items():
        for name, container in stack["services"].items():
            found += 1
            yield (path.split("/")[2], name), container
    assert found >= 8, "a platform has more containers than that"


def test_every_image_is_exactly_one_of_the_lock(files: Mapping[str, str], stacks: Stacks) -> None:
    lock = json.loads(files["plan.json"])["plan"]["images"]
    known = {f"{one['repo']}:{one['tag']}" for one in lock}
    for where, container in _containers(stacks):
        assert container["image"] in known, where
        assert not container["image"].endswith(":latest"), where
        assert container["pull_policy"] == "never", where
        assert "build" not in container, where


def test_nothing_may_be_written_but_what_is_named(stacks: Stacks) -> None:
    for where, container in _containers(stacks):
        assert container["read_only"] is True, where
        for one in container["tmpfs"]:
            mount, options = one.split(":")
            assert mount.startswith("/"), where
            assert {"nosuid", "nodev"} <= set(options.split(",")), where
            assert re.search(r"\bsize=\d+m\b", options), where


def test_no_privilege_is_kept_or_gained(stacks: Stacks) -> None:
    for where, container in _containers(stacks):
        assert container["cap_drop"] == ["ALL"], where
        assert set(container.get("cap_add", ())) == _CAPS.get(where, set()), where
        assert "no-new-privileges:true" in container["security_opt"], where
        assert not any("unconfined" in one for one in container["security_opt"]), where
        assert container.get("privileged", False) is False, where
        assert "devices" not in container, where
        assert re.fullmatch(r"\d+:\d+", container["user"]), where
        assert (container["user"].split(":")[0] == "0") == (where in _ROOT), where


def test_memory_processes_and_logs_are_bounded(stacks: Stacks) -> None:
    for where, container in _containers(stacks):
        assert re.fullmatch(r"[1-9]\d*m", container["mem_limit"]), where
        assert container["memswap_limit"] == container["mem_limit"], where
        assert 0 < container["pids_limit"] <= 1024, where
        assert container["cpus"] > 0, where
        assert set(container["logging"]["options"]) == {"max-size", "max-file"}, where


def test_the_engine_knows_who_is_well_and_starts_it_again(stacks: Stacks) -> None:
    for where, container in _containers(stacks):
        assert container["healthcheck"]["test"][0] == "CMD", where
        assert len(container["healthcheck"]["test"]) > 1, where
        assert container["restart"] == "unless-stopped", where


def test_nothing_is_published_but_the_four_doors(stacks: Stacks) -> None:
    for where, container in _containers(stacks):
        published = {one["published"] for one in container.get("ports", ())}
        assert published == _PUBLISHED.get(where, set()), where
        assert container.get("network_mode") is None, where
        for key in ("pid", "ipc", "userns_mode", "uts", "cgroup_parent"):
            assert key not in container, where


def test_the_engines_socket_is_the_runners_alone(stacks: Stacks) -> None:
    having = {where for where, one in _containers(stacks) if _SOCKET in json.dumps(one)}
    assert having == {("runner", "worker")}


def test_ground_truth_is_on_evaluation_hosts_alone(bundle_folder: Path) -> None:
    plan = plan_of("gpus", bundle_folder)
    truth = {
        host.name: {one.destination for one in service.transfers if one.is_ground_truth}
        for host in plan.hosts
        for service in host.services
        if any(one.is_ground_truth for one in service.transfers)
    }
    assert set(truth) == {"gpu1"}
    for path, stack in stacks_of("gpus", bundle_folder).items():
        if path.startswith("hosts/main/"):
            assert not any(one in json.dumps(stack) for one in truth["gpu1"]), path


def test_mounts_are_read_only_but_where_something_is_kept(stacks: Stacks) -> None:
    for where, container in _containers(stacks):
        for mount in container.get("volumes", ()):
            assert mount["type"] == "bind", where
            assert mount["bind"]["create_host_path"] is False, where
            if not mount["read_only"]:
                kept = mount["source"].startswith("/var/lib/diychallenge/")
                assert kept or mount["source"] == _SOCKET, (where, mount)


def test_no_environment_holds_a_secret(stacks: Stacks) -> None:
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)
    for where, container in _containers(stacks):
        for name, value in container.get("environment", {}).items():
            if secret.search(name):
                assert name.endswith("_FILE"), (where, name)
                assert value.startswith("/run/secrets/"), (where, name)
        for mount in container.get("volumes", ()):
            if "/secrets/" in mount["source"]:
                assert mount["read_only"] is True, where
                assert mount["source"].startswith("/opt/diychallenge/"), where


def test_databases_demand_a_password_of_everybody(stacks: Stacks) -> None:
    databases = [one for _, one in _containers(stacks) if one["image"].startswith("postgres:")]
    assert len(databases) == 2
    for one in databases:
        assert one["environment"]["POSTGRES_PASSWORD_FILE"].startswith("/run/secrets/")
        assert "POSTGRES_HOST_AUTH_METHOD" not in one["environment"]
        assert "--auth-local=scram-sha-256" in one["environment"]["POSTGRES_INITDB_ARGS"]


def test_who_listens_on_the_host_has_a_network_with_a_way_out(
    files: Mapping[str, str], stacks: Stacks
) -> None:
    """Docker publishes no port of a container whose networks are all internal."""
    site = files["site.yml"]
    for path, stack in stacks.items():
        for name, container in stack["services"].items():
            if not container.get("ports"):
                continue
            networks = (stack["networks"][one] for one in container["networks"])
            assert any(_is_open(one, site) for one in networks), (path, name)


def test_gitea_takes_pushes_as_big_as_the_embedded_platform_does(files: Mapping[str, str]) -> None:
    settings = files["hosts/main/git/gitea/app.ini"]
    assert f"receive.maxInputSize = {MAX_PUSH_BYTES}\n" in settings


def _is_open(network: Mapping[str, Any], site: str) -> bool:
    if network.get("external"):
        return f"{{name: {network['name']}, internal: false}}" in site
    return not network.get("internal", False)
