"""What the last deploy put in force, kept in the state folder as deployed.json."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from blueprint.addresses import Addresses, read_addresses
from blueprint.errors import InputError
from blueprint.files import write_whole
from blueprint.plan.plan import Plan, read_plan
from blueprint.state import StateFolder

_FORMAT = 1


@dataclass(frozen=True)
class Sandbox:
    """What holds participants' code on this machine, as the last deploy found it."""

    summary: str
    """In one line (see `Probe`)."""
    works: bool
    bounds: tuple[str, ...]
    weaker: tuple[str, ...]
    advice: str
    engine: str = "process"
    """Its name in the registry of engines."""
    why: str = ""
    """Why it is this one; empty: a version that had one alone deployed it."""


@dataclass(frozen=True)
class Record:
    """One deployment: which folder, which plan, which sandbox."""

    project: str
    """The folder of challenge.yaml."""
    deployed_at: str
    """ISO 8601, UTC."""
    digest: str
    """Of the challenge in force (config.digest)."""
    pages: str
    """Digest of the Markdown pages that the site was made from."""
    socket_folder: str
    plan: Plan
    sandbox: Sandbox
    deployment: str
    """The deployment's number (`blueprint.deployment`); empty: from before there were any."""
    addresses: Addresses | None
    """None: the first version, which kept none, deployed it."""


def read_record(state: StateFolder) -> Record | None:
    """Return the record of the last deploy, or None when there was none.

    Raises:
        InputError: It cannot be read: another version wrote it, or it was edited.
    """
    try:
        document: dict[str, Any] = json.loads(state.deployed.read_text(encoding="utf-8"))
        return Record(
            project=str(document["project"]),
            deployed_at=str(document["deployed_at"]),
            digest=str(document["digest"]),
            pages=str(document["pages"]),
            socket_folder=str(document["socket_folder"]),
            plan=read_plan(document["plan"]),
            sandbox=_sandbox(document["sandbox"]),
            deployment=str(document.get("deployment") or ""),
            addresses=read_addresses(noted) if (noted := document.get("addresses")) else None,
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"{state.deployed}: is not what a deploy of this version wrote",
            hint="use the version of diychallenge that deployed it, or remove this one file and"
            " deploy again: nothing else is lost",
        ) from None


def demand_deployed(state: StateFolder) -> Record:
    """Return the record of the last deploy.

    Raises:
        InputError: There was none, or it cannot be read.
    """
    record = read_record(state)
    if record is None:
        raise InputError(
            f"{state.root}: nothing is deployed here",
            hint="run `diychallenge deploy` in the folder of challenge.yaml first",
        )
    return record


def write_record(state: StateFolder, record: Record) -> None:
    """Keep the record, whole or not at all."""
    document = {
        "format": _FORMAT, **asdict(record),
        "plan": record.plan.as_document(), "sandbox": asdict(record.sandbox),
    }  # fmt: skip
    write_whole(state.deployed, (json.dumps(document, indent=2) + "\n").encode("utf-8"))


def _sandbox(document: dict[str, Any]) -> Sandbox:
    return Sandbox(
        str(document.get("summary") or document["layer"]),  # until 0.1 it had the layer alone
        bool(document["works"]),
        tuple(document["bounds"]),
        tuple(document["weaker"]),
        str(document["advice"]),
        str(document.get("engine") or "process"),
        str(document.get("why") or ""),
    )
