"""Which image a job runs in, and what it brings along that has to be held back."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.adapters.docker_engine import DockerEngineApi
from blueprint.contracts.job import Job
from blueprint.errors import ToolError
from blueprint.evaluate.containers.native_root import ensure_native_image
from blueprint.evaluate.containers.settings import MOST_VOLUMES


@dataclass(frozen=True)
class Image:
    """An image that the engine has."""

    id: str
    volumes: tuple[str, ...]
    """Paths that it declares as volumes; a container may not write there unbounded."""


class Images:
    """The images of an engine; the one for code is made when it is first asked for."""

    def __init__(self, api: DockerEngineApi, packages: Iterable[str]) -> None:
        self._api = api
        self._packages = tuple(packages)
        self._native: str | None = None
        self._lock = threading.Lock()

    def of(self, job: Job) -> Image:
        """Return the image of a job, by its id: a name could be moved to another one meanwhile.

        Raises:
            ToolError: The engine does not have it, or it declares too many volumes.
        """
        if job.image is not None:
            facts = self._api.image(job.image)
            if facts is None:
                raise ToolError(
                    f"the engine has no image {job.image}",
                    hint="bring it there first: `docker pull`, or `docker load`",
                )
            return _judged(job.image, facts)
        with self._lock:
            facts = None if self._native is None else self._api.image(self._native)
            if facts is None:  # not looked for yet, or removed by somebody
                self._native = ensure_native_image(self._api, self._packages)
                facts = self._api.image(self._native) or {}
            return _judged(self._native or "", facts)


def _judged(name: str, facts: Mapping[str, Any]) -> Image:
    volumes = tuple(sorted((facts.get("Config") or {}).get("Volumes") or ()))
    if len(volumes) > MOST_VOLUMES:
        raise ToolError(f"image {name} declares {len(volumes)} volumes, at most {MOST_VOLUMES}")
    return Image(str(facts["Id"]), volumes)
