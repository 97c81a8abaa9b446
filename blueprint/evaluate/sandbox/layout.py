"""Decides what of this machine a submission sees: system libraries, the interpreter, packages.

Inside, `/python` is a virtual environment: its `bin/python` points at the real interpreter, its
site-packages hold the allowed packages alone. The interpreter keeps its path, even below a home,
because its libraries are found by that path; nothing beside it comes along.
"""

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from blueprint.evaluate.sandbox.packages import package_paths

_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/usr/share/zoneinfo")
_HOME = "/python"
_VENV = "home = {home}\nversion = {version}\ninclude-system-site-packages = false\n"
_ACCOUNTS = "nobody:x:65534:65534:nobody:/tmp:/usr/sbin/nologin\n"


@dataclass(frozen=True)
class Layout:
    """Read-only parts of the sandbox's root; the fields are those of the launcher's Spec."""

    binds: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    masks: tuple[str, ...]
    site: str
    """The folder of packages inside."""
    shown_secrets: tuple[str, ...]
    """Hidden folders that lie inside a bind: masked by a mount, or else a reason not to run."""


def plan_layout(packages: Iterable[str], hidden: Iterable[Path]) -> Layout:
    """Return the layout around the interpreter that runs this process.

    Args:
        packages: Distributions that a submission may import; what they need comes along.
        hidden: Folders of the platform's that must look empty where a bind would show them.

    Raises:
        ToolError: A package is not installed.
    """
    executable = base_executable()
    links, shown = system_libraries()
    binds = _without_repeats([*shown, *system_files(), *interpreter_files(executable)])
    site = sysconfig.get_path("purelib", "venv", vars={"base": _HOME, "platbase": _HOME})
    packaged = [(str(path), f"{site}/{path.name}") for path in package_paths(packages)]
    secrets = tuple(path for path in map(os.path.realpath, hidden) if _is_shown(path, binds))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Layout(
        binds=(*binds, *packaged),
        links=(
            *links,
            *((f"{_HOME}/bin/{name}", str(executable)) for name in ("python", "python3")),
        ),
        texts=(
            (f"{_HOME}/pyvenv.cfg", _VENV.format(home=executable.parent, version=version)),
            ("/etc/passwd", _ACCOUNTS),
            ("/etc/group", "nogroup:x:65534:\n"),
        ),
        masks=(*(path for path in site_folders() if _is_shown(path, binds)), *secrets),
        site=site,
        shown_secrets=secrets,
    )


def base_executable() -> Path:
    """Return the interpreter itself: a virtual environment may hold a copy and not a link."""
    base = Path(getattr(sys, "_base_executable", sys.executable))
    return (base if base.is_file() else Path(sys.executable)).resolve()


def system_libraries() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return links and binds: where /lib is a link into /usr, it is one inside as well."""
    links, binds = [], []
    for path in map(Path, _LIBRARIES):
        if path.is_symlink():
            links.append((str(path), str(path.readlink())))
        elif path.is_dir():
            binds.append((str(path), str(path)))
    return links, binds


def system_files() -> Iterator[tuple[str, str]]:
    """Yield (source, target) of the machine's own files that programs need."""
    for path in _SYSTEM_FILES:
        if Path(path).exists():
            yield os.path.realpath(path), path


def interpreter_files(executable: Path) -> Iterator[tuple[str, str]]:
    """Yield the interpreter's file, its standard library, and its shared library where it is one.

    Never the whole prefix: that may be /usr/local, or hold what somebody put beside Python.
    """
    base = Path(sys.base_prefix).resolve()
    wanted = [executable]
    wanted += _standard_library()
    wanted += sorted((base / "lib").glob("libpython*.so*"))
    if (base / "conda-meta").is_dir():
        wanted.append(base / "lib")  # conda's packages link to the libraries that lie there
    for path in wanted:
        if path.exists():
            # The path as it is written is what the interpreter looks up; its source is real.
            yield str(path.resolve()), str(path)


def _standard_library() -> list[Path]:
    # Unless told, platstdlib is that of the virtual environment: everything installed there.
    bases = dict.fromkeys(("base", "platbase", "installed_base"), sys.base_prefix)
    return [Path(sysconfig.get_path(name, vars=bases)) for name in ("stdlib", "platstdlib")]


def site_folders() -> Iterator[str]:
    """Yield the folders of installed packages that lie inside the standard library's folders."""
    for library in _standard_library():
        for name in ("site-packages", "dist-packages"):
            yield str(library / name)
    yield "/usr/lib/python3/dist-packages"


def _without_repeats(binds: list[tuple[str, str]]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for source, target in binds:
        if not any(source == target and _is_below(target, other) for _, other in kept):
            kept.append((source, target))
    return kept


def _is_shown(path: str, binds: list[tuple[str, str]]) -> bool:
    return Path(path).exists() and any(_is_below(path, source) for source, _ in binds)


def _is_below(path: str, folder: str) -> bool:
    return Path(path).is_relative_to(folder)
