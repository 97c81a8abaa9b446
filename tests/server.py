"""A challenge on servers, for tests: the smallest text, and what becomes of it."""

from pathlib import Path

from blueprint.config.load import parse_challenge
from blueprint.config.model import Challenge
from blueprint.plan.server import ServerPlan
from blueprint.render.bundle import Files, render
from blueprint.render.sources import load_sources
from blueprint.services.assemble import plan_server
from blueprint.services.images import load_images

TWO_HOSTS = """\
version: 1
challenge: {id: brain, title: Brain, contact: brain@example.org}
target: server
server:
  domain: challenge.example.org
  tls: {mode: letsencrypt, email: admin@example.org}
  hosts:
    main: {address: 192.0.2.10, user: deploy}
    gpu1: {address: 192.0.2.11, user: deploy, roles: [runner], gpus: 2}
  mail: {host: smtp.example.org, from: challenge@example.org}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {t1: image}
    outputs: {mask: segmentation}
    labels: {1: grey matter, 2: white matter}
    cases: {public: data/test-public, private: data/test-private}
    metrics: [{id: dice}, {id: hd95, worst: diagonal}]
phases:
  - {id: only, tasks: [tissue], opens: 2027-06-01, closes: 2027-08-31}
"""


def parsed(text: str = TWO_HOSTS) -> Challenge:
    """The challenge of a text, its folders unchecked."""
    return parse_challenge(text.encode(), file="challenge.yaml")


def planned(text: str = TWO_HOSTS) -> ServerPlan:
    """Its plan with the shipped image lock."""
    return plan_server(parsed(text), load_images(), software="1.0.0")


def rendered(text: str = TWO_HOSTS, **pages: str) -> Files:
    """Its bundle; `pages` are more files of the project."""
    return render(planned(text), load_sources(), project={"challenge.yaml": text, **pages})


def write_project(folder: Path, starter: Path, text: str = TWO_HOSTS) -> Path:
    """Write challenge.yaml beside the starter's data and return its path."""
    (folder / "data").symlink_to(starter / "data")
    file = folder / "challenge.yaml"
    file.write_text(text, encoding="utf-8")
    return file
