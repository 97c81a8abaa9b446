"""Finds the files of installed packages, so that each can be shown alone."""

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from blueprint.errors import ToolError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def package_paths(names: Iterable[str]) -> tuple[Path, ...]:
    """Return the top-level folders and files of packages and of all that they need.

    A requirement that is not installed was not needed here (its marker says so).

    Raises:
        ToolError: One of `names` itself is not installed.
    """
    wanted = list(names)
    for name in wanted:
        if _find(name) is None:
            raise ToolError(
                f"the Python package {name} is missing: submissions may import it",
                hint=f"install it beside diychallenge: pip install {name}",
            )
    found: set[str] = set()
    paths: set[Path] = set()
    while wanted:
        name = _canonical(wanted.pop())
        package = _find(name)
        if name not in found and package is not None:
            found.add(name)
            paths.update(_top_level(package))
            wanted += _requirements(package)
    return tuple(sorted(paths))


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _requirements(package: Distribution) -> Iterable[str]:
    for requirement in package.requires or ():
        name = _NAME.match(requirement)
        if name is not None and "extra" not in requirement.partition(";")[2]:
            yield name[0]


def _top_level(package: Distribution) -> Iterable[Path]:
    """Yield what the package put directly into the folder of packages."""
    folder = Path(str(package.locate_file("")))
    for first in {file.parts[0] for file in package.files or ()}:
        # Scripts lie outside, at `../../../bin`; a shared cache is not the package's.
        path = folder / first
        if first not in ("..", "__pycache__") and path.exists():
            yield path.resolve()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
