"""What a container says of the job in it, so that it can be adopted by whoever comes after us.

An image has labels of its own, which show up beside these. So no container is ever taken for one
of ours by its labels alone: its name holds the attempt's nonce, and both must agree. Labels given
when a container is created win over the image's.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from blueprint.contracts.job import Job, Limits

PREFIX = "org.diychallenge."
NONCE, OWNER, JOB = f"{PREFIX}nonce", f"{PREFIX}owner", f"{PREFIX}job"


@dataclass(frozen=True)
class Noted:
    """A job as far as its end needs it; plain data that survives whoever started it."""

    name: str
    nonce: str
    folder: str
    """The engine's own folder for this job, beside its output."""
    output: str
    """Where what it wrote is copied."""
    limits: Limits
    bounded: bool
    """Whether /output is a file system of its own (see `place`)."""
    gpus: tuple[str, ...] = ()
    """The devices that it holds."""


def container_name(name: str, nonce: str) -> str:
    """Return a job's container: the same at each try, and nobody else's."""
    return f"diychallenge-{nonce}-{name}"


def labels_of(noted: Noted, owner: str) -> dict[str, str]:
    """Return the labels of a job's container."""
    return {NONCE: noted.nonce, OWNER: owner, JOB: json.dumps(asdict(noted))}


def noted_in(facts: Mapping[str, Any]) -> Noted | None:
    """Return the job in a container as the engine describes it; None when it is not ours.

    Args:
        facts: All about the container (its `inspect`).
    """
    try:
        said = json.loads((facts["Config"]["Labels"] or {})[JOB])
        told = {"limits": Limits(**said["limits"]), "gpus": tuple(said["gpus"])}
        noted = Noted(**{**said, **told})
    except (KeyError, TypeError, ValueError):
        return None
    wanted = f"/{container_name(noted.name, noted.nonce)}"
    return noted if facts.get("Name") == wanted else None


def note(job: Job, nonce: str, folder: Path, *, bounded: bool, gpus: tuple[str, ...] = ()) -> Noted:
    """Return what has to be known of a job to end it."""
    output = str(job.output.resolve())
    return Noted(job.name, nonce, str(folder), output, job.limits, bounded, gpus)
