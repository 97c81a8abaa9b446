"""Bundles of several challenges on servers, rendered as `diychallenge render` renders them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from blueprint import resources
from blueprint.config.load import load
from blueprint.plan.server import ServerPlan
from blueprint.render.bundle import render
from blueprint.render.sources import load_sources
from blueprint.services.assemble import plan_server
from blueprint.services.images import load_images

GOLDEN = Path(__file__).parent / "golden" / "server"
HOSTILE = "\"'`{{ lookup('pipe','id') }} {% raw %} $(id) ${HOME} ; # \\ </script> %n %h |&"
"""What a free text of challenge.yaml may hold; it means nothing to any program that reads it.

Control characters and line ends are refused before (tests/invalid)."""

_MAIN = {"address": "192.0.2.10", "user": "deploy", "roles": ["main"]}
_MAIL = {"host": "smtp.example.org", "from": "challenge@example.org"}
_EVALUATOR = {"address": "192.0.2.11", "user": "deploy", "roles": ["runner"]}
SERVERS: Mapping[str, Mapping[str, Any]] = {
    "one-host": {
        "tls": {"mode": "letsencrypt", "email": "admin@example.org"},
        "hosts": {"main": {**_MAIN, "roles": ["main", "runner"]}},
        "mail": _MAIL,
    },
    "gpus": {
        "tls": {"mode": "self-signed"},
        "hosts": {"main": _MAIN, "gpu1": {**_EVALUATOR, "gpus": 2}},
        "mail": {**_MAIL, "username": "challenge"},
    },
    "external-store": {
        "tls": {
            "mode": "acme",
            "email": "admin@example.org",
            "directory": "https://ca.example.org/directory",
            "eab": {"key_id": "kid-1"},
            "authority": "ca.pem",
        },
        "hosts": {"main": _MAIN, "evaluator": _EVALUATOR},
        "object_store": {"kind": "external", "endpoint": "https://s3.example.org"},
        "mail": _MAIL,
    },
    "own-certificate": {
        "tls": {"mode": "files", "certificate": "tls/chain.pem", "key": "tls/key.pem"},
        "hosts": {"main": {**_MAIN, "user": "root"}, "evaluator": _EVALUATOR},
        "mail": _MAIL,
    },
}
NAMES = (*SERVERS, "hostile", *sorted(path.parent.name for path in GOLDEN.glob("*/challenge.yaml")))


@cache
def plan_of(name: str, folder: Path) -> ServerPlan:
    """Return the plan of one of `NAMES`, whose challenge.yaml is written to `folder`."""
    file = GOLDEN / name / "challenge.yaml"
    if not file.is_file():
        file = folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump(_document(name), sort_keys=False), encoding="utf-8")
    challenge = load(file, check_data=False)
    return plan_server(challenge, load_images(), software="0.2.0")


@cache
def bundle_of(name: str, folder: Path) -> Mapping[str, str]:
    """Return the files of its bundle."""
    project = {"challenge.yaml": f"# {HOSTILE!r}\n", "pages/index.md": HOSTILE}
    return render(plan_of(name, folder), load_sources(), project=project)


@cache
def stacks_of(name: str, folder: Path) -> Mapping[str, Any]:
    """Return each Compose file of its bundle by its path, parsed."""
    return {
        path: yaml.safe_load(text)
        for path, text in bundle_of(name, folder).items()
        if path.startswith("hosts/") and path.endswith("/compose.yaml")
    }


def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        resources.example_challenge().read_text(encoding="utf-8")
    )
    server = SERVERS["gpus" if name == "hostile" else name]
    document.update(target="server", server={"domain": "challenge.example.org", **server})
    document.pop("embedded")
    if name == "hostile":
        _poison(document)
    return document


def _poison(document: dict[str, Any]) -> None:
    about = document["challenge"]
    about.update(title=HOSTILE[:100], notice=HOSTILE[:100])
    for organizer in about["organizers"]:
        organizer.update(name=HOSTILE[:60], institution=HOSTILE[:60])
    data, people = document["data"], document["people"]
    for section in (document["tasks"], data["releases"], people["questions"]):
        for one in section:
            for key in {"title", "label", "license"} & one.keys():
                one[key] = HOSTILE[:60]
