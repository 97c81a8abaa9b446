"""Roles have one shape, and each service has its role, its stack and its page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.resources import source_folder
from blueprint.services.hosts_page import hosts_page
from blueprint.services.registry import SERVICES

ROLES = source_folder("roles")
NAMES = tuple(sorted(path.name for path in ROLES.iterdir() if path.is_dir()))
_FILES = (
    "README.md",
    "meta/main.yml",
    "meta/argument_specs.yml",
    "defaults/main.yml",
    "tasks/main.yml",
    "tasks/install.yml",
    "tasks/uninstall.yml",
    "handlers/main.yml",
)
_HEADINGS = ("## What it changes on a host", "## How it is taken away")


def test_each_service_has_a_role_and_a_stack() -> None:
    services = {service.name for service in SERVICES}
    assert set(NAMES) == services | {"host", "stack"}
    stacks = {path.name.removesuffix(".yaml.j2") for path in source_folder("compose").iterdir()}
    assert stacks == services


@pytest.mark.parametrize("name", NAMES)
def test_a_role_has_the_files_that_all_have(name: str) -> None:
    assert [one for one in _FILES if not (ROLES / name / one).is_file()] == []


@pytest.mark.parametrize("name", NAMES)
def test_its_page_says_what_it_changes_and_how_that_goes_away(name: str) -> None:
    page = (ROLES / name / "README.md").read_text(encoding="utf-8")
    assert [one for one in _HEADINGS if one not in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_default_is_an_option_that_is_explained(name: str) -> None:
    role = ROLES / name
    spec = yaml.safe_load((role / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    options = spec["argument_specs"]["main"]["options"]
    assert all(option.get("description") for option in options.values())
    assert all(option.startswith(f"{name}_") for option in options)


@pytest.mark.parametrize("name", NAMES)
def test_modules_are_named_in_full_and_modes_are_quoted(name: str) -> None:
    for path, task in _tasks(ROLES / name):
        modules = [key for key in task if "." in key]
        assert modules or "block" in task, (path, task.get("name"))
        for key in modules:
            arguments = task[key]
            if isinstance(arguments, dict) and "mode" in arguments:
                assert isinstance(arguments["mode"], str), (path, task["name"])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_templated_by_ansible(name: str) -> None:
    used = {key for _, task in _tasks(ROLES / name) for key in task if "." in key}
    assert not used & {"ansible.builtin.template", "ansible.builtin.shell"}


def test_secrets_are_copied_without_a_word() -> None:
    copies = [
        task
        for _, task in _tasks(ROLES / "stack")
        if "ansible.builtin.copy" in task and "stack_secrets" in str(task)
    ]
    assert len(copies) == 1
    assert copies[0]["no_log"] is True
    assert copies[0]["ansible.builtin.copy"]["mode"] == "0600"


def _tasks(role: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every task and handler, those in blocks too."""
    for path in sorted((*role.glob("tasks/*.yml"), *role.glob("handlers/*.yml"))):
        waiting = list(yaml.safe_load(path.read_text(encoding="utf-8")) or ())
        while waiting:
            task = waiting.pop(0)
            waiting.extend(task.get("block", ()))
            yield str(path.relative_to(ROLES)), task


def test_files_are_brought_to_the_host_that_is_known_and_to_no_other() -> None:
    """By default `synchronize` asks no host for its key."""
    found = [
        task["ansible.posix.synchronize"]
        for _, task in _tasks(ROLES / "stack")
        if "ansible.posix.synchronize" in task
    ]
    assert len(found) == 2
    for arguments in found:
        assert (arguments["verify_host"], arguments["use_ssh_args"]) == (True, True)


def test_the_page_of_what_hosts_get_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "hosts.md"
    assert page.read_text(encoding="utf-8") == hosts_page(), "run `make docs`"
    assert all(f"\n## {service.name}\n" in hosts_page() for service in SERVICES)
