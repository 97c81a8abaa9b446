"""The bundles on disk, and a Debian 13 in which programs read them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blueprint.render.write import write_bundle
from tests.bundles import bundle_of
from tests.stack.rendered import programs


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all challenges, as bundles are rendered once."""
    return tmp_path_factory.mktemp("challenges")


@pytest.fixture(scope="session")
def bundle(bundle_folder: Path) -> Callable[[str], Path]:
    """Give the folder of a bundle, written as `diychallenge render` writes it."""

    def written(name: str) -> Path:
        folder = bundle_folder / f"bundle-{name}"
        if not folder.exists():
            write_bundle(bundle_of(name, bundle_folder), folder)
        return folder

    return written


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Path]:
    """A Debian 13 of one test's own: what it changes lies in a layer that goes away with it."""
    below = programs.debian()
    root, upper, work = (tmp_path / name for name in ("debian", "upper", "work"))
    for folder in (root, upper, work):
        folder.mkdir()
    layers = f"lowerdir={below},upperdir={upper},workdir={work}"
    programs.demand(["mount", "-t", "overlay", "overlay", "-o", layers, root])
    try:
        programs.demand(["mount", "-t", "proc", "proc", root / "proc"])
        yield root
    finally:
        programs.demand(["umount", "--recursive", root])
