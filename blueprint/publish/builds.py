"""Makes a build the published site, one at a time."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from blueprint.editions import put_edition
from blueprint.state import StateFolder


@contextmanager
def one_build_at_a_time(state: StateFolder) -> Iterator[None]:
    """Hold the lock of the builds: one that read older rows must not replace a newer one."""
    state.site_builds.mkdir(parents=True, exist_ok=True)
    with (state.site_builds.parent / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def publish_files(state: StateFolder, files: Mapping[str, bytes]) -> Path:
    """Make `files` the published site and return its folder, named after its content.

    The caller holds `one_build_at_a_time`.
    """
    return put_edition(state.site_builds, state.site, files)
