"""A challenge.yaml becomes the bundle that its servers would get, and the difference to now."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from blueprint import __version__
from blueprint.config.load import load
from blueprint.config.model import Challenge
from blueprint.deploy.pages import page_sources
from blueprint.deploy.preview import Preview
from blueprint.errors import InputError
from blueprint.plan.review import Review, review
from blueprint.plan.server import Secret, ServerPlan
from blueprint.plan.tree import tree
from blueprint.render.bundle import PLAN, Files, read_stored, render
from blueprint.render.sources import load_sources
from blueprint.services.assemble import plan_server
from blueprint.services.images import load_images

FOLDER = ".diychallenge/server"
"""Beside challenge.yaml: what the admin's machine keeps of a deployment on servers."""
DEPLOYED = "deployed.json"
"""In that folder: the plan.json that the last deploy put in force."""


@dataclass(frozen=True)
class Bundle:
    """A challenge as its servers would get it."""

    file: Path
    challenge: Challenge
    lock: Path | None = None
    """Another image lock than the shipped one."""

    @cached_property
    def plan(self) -> ServerPlan:
        """The plan."""
        return plan_server(self.challenge, load_images(self.lock), software=__version__)

    @cached_property
    def files(self) -> Files:
        """Every file of the bundle."""
        project = {"challenge.yaml": self.file.read_text(encoding="utf-8")}
        for name, content in page_sources(self.file.parent, self.challenge).items():
            project[f"{self.challenge.challenge.pages}/{name}"] = _page_text(name, content)
        return render(self.plan, load_sources(), project=project)

    @property
    def stored(self) -> dict[str, Any]:
        """What its plan.json holds."""
        return read_stored(self.files[PLAN])

    @property
    def given_secrets(self) -> tuple[Secret, ...]:
        """The secrets that the admin puts into the secrets folder, or names the file of."""
        return tuple(one for one in self.plan.secrets if one.kind == "given")


def bundle_of(file: Path, *, lock: Path | None = None) -> Bundle:
    """Return the bundle of a challenge.yaml; the folders that it names are looked at, no data is.

    Raises:
        ConfigFaults: challenge.yaml has faults.
        InputError: There is no such file, or its target is another one.
    """
    bundle = Bundle(file.absolute(), load(file), lock)
    if bundle.challenge.target != "server":
        raise InputError(
            f"{file}: target: '{bundle.challenge.target}' has no bundle: it runs on this machine",
            hint="`target: server` plans hosts; `diychallenge deploy` brings this one up",
        )
    return bundle


def preview_server(bundle: Bundle, *, against: Path | None = None) -> Preview:
    """Return the plan and what it would change.

    Args:
        bundle: What is wanted.
        against: A bundle or its plan.json to compare with, in place of what is deployed.

    Raises:
        InputError: What is compared with cannot be read.
    """
    folder = bundle.file.parent / FOLDER
    before = read_plan_file(against) if against else _deployed(folder / DEPLOYED)
    found = review(before, bundle.stored)
    lines = (*tree(bundle.plan), "", *review_lines(found, is_first=before is None))
    document = {
        "plan": bundle.stored["plan"],
        "is_deployed": before is not None,
        **asdict(found),
        "secrets_wanted": [one.name for one in bundle.given_secrets],
        "warnings": list(warnings(bundle)),
    }
    told = (*lines, *(f"note: {line}" for line in (*warnings(bundle), *wanted_lines(bundle))))
    return Preview(told, document, found.has_changes)


def review_lines(found: Review, *, is_first: bool) -> Iterator[str]:
    """Yield a review as people read it."""
    if not found.has_changes:
        yield "nothing to change: what is deployed is what challenge.yaml says"
        return
    yield "nothing is deployed yet: all of it is new" if is_first else "what would change"
    place = ""
    for change in found.changes:
        if change.place != place:
            place = change.place
            yield f"  {place}"
        yield f"    {change.sign} {change.what}"
    for name in found.restarts:
        yield f"  restarts {name}"
    for name in found.reloads:
        yield f"  reloads {name}, without a break"
    for loss in found.losses:
        yield f"  DESTROYS DATA: {loss}"


def warnings(bundle: Bundle) -> Iterator[str]:
    """Yield what is accepted, and could be better."""
    pulled = [one.name for one in bundle.plan.images if not one.base and one.digest is None]
    if pulled:
        yield f"no digest in the image lock, the tag alone says which: {', '.join(pulled)}"
    for host in bundle.plan.hosts:
        if {"main", "runner"} <= set(host.roles):
            yield (
                f"{host.name} is main and runner: ground truth lies on a machine that people reach;"
                " a second host keeps it apart"
            )


def wanted_lines(bundle: Bundle) -> Iterator[str]:
    """Yield which secrets the admin brings."""
    for one in bundle.given_secrets:
        if one.source is None:
            yield f"put into {FOLDER}/secrets/{one.name} before the deploy: {one.meaning}"


def read_plan_file(path: Path) -> dict[str, Any]:
    """Return the stored plan in a plan.json, or in the bundle that holds one.

    Raises:
        InputError: It cannot be read, or is none.
    """
    file = path / PLAN if path.is_dir() else path
    try:
        return read_stored(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError(
            f"{file}: is no plan that this version wrote",
            hint="name a bundle that `diychallenge render` wrote, or its plan.json",
        ) from None


def _deployed(file: Path) -> dict[str, Any] | None:
    return read_plan_file(file) if file.exists() else None


def _page_text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name}: is no text in UTF-8", hint="save the page as UTF-8") from None
