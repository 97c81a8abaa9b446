"""Finds an evaluator's containers on the engine: those of an attempt, and those of nobody."""

import logging
from collections.abc import Callable
from pathlib import Path

from blueprint.adapters.docker_engine import DockerEngineApi
from blueprint.evaluate.containers.labels import NONCE, OWNER, Noted, noted_in
from blueprint.evaluate.engine import Handle

_log = logging.getLogger(__name__)


def running_jobs(api: DockerEngineApi, nonce: str) -> list[Handle]:
    """Return an attempt's containers that were started, whether or not they have ended."""
    found = []
    for line in api.labelled(f"{NONCE}={nonce}"):
        facts = api.inspect(str(line["Id"]))
        noted = None if facts is None else noted_in(facts)
        if facts is None or noted is None or noted.nonce != nonce:
            continue  # an image's label, or removed meanwhile
        if facts["State"]["Status"] != "created":
            found.append(Handle(noted.name, nonce, str(facts["Id"])))
    return found


def remove_orphans(
    api: DockerEngineApi, owner: str, clear: Callable[[Path], None], begun: frozenset[str]
) -> list[Noted]:
    """Remove an evaluator's containers that no attempt waits for; returns the others.

    Such are those whose attempt's folder is gone, and those that were created and not started.
    What another evaluator, or a person, has on the same engine is left alone.

    Args:
        api: The engine.
        owner: Whose containers.
        clear: Removes a job's folder.
        begun: Names of jobs that are being started at this moment.
    """
    kept = []
    for line in api.labelled(f"{OWNER}={owner}"):
        facts = api.inspect(str(line["Id"]))
        noted = None if facts is None else noted_in(facts)
        if facts is None or noted is None or noted.name in begun:
            continue
        folder = Path(noted.folder)
        if folder.is_dir() and facts["State"]["Status"] != "created":
            kept.append(noted)
            continue
        _log.info("container %s belongs to no attempt: it is removed", facts["Name"])
        api.remove(str(facts["Id"]))
        clear(folder)
    return kept
