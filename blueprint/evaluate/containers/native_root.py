"""Makes the image in which code of the native contract runs: this machine's Python, and no more.

It holds what the process sandbox shows: the interpreter that runs this process, its standard
library, the allowed packages (of both: without their own tests), and the shared libraries that
these are linked to. Nothing is fetched from anywhere, no build runs, and there is no shell. Its
tag is a digest of what is in it, so it is made once, and again when a package changes.
"""

import hashlib
import io
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from blueprint.adapters import process
from blueprint.adapters.docker_engine import DockerEngineApi
from blueprint.errors import ToolError
from blueprint.evaluate.sandbox.layout import (
    base_executable,
    interpreter_files,
    site_folders,
    system_files,
    system_libraries,
)
from blueprint.evaluate.sandbox.packages import package_paths

REPOSITORY = "diychallenge/native"
_HOME = "/python"
_VENV = "home = {home}\nversion = {version}\ninclude-system-site-packages = false\n"
_ACCOUNTS = "root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/tmp:/sbin/nologin\n"
_FOLDERS = ("input", "output", "code", "model", "tmp", "proc", "sys", "dev", "etc")
_LOADED_LATER = "libgcc_s.so.1"
"""The library that glibc opens by name when a thread is ended: nothing need be linked to it."""
_LINKED = Path(__file__).with_name("linked.py")
_LEFT_OUT = (
    "test", "tests", "idlelib", "turtledemo", "tkinter", "ensurepip", "config-*", "_tkinter*",
)  # fmt: skip
"""Files and folders that no submission needs, and that are half of the whole."""
_LIBRARY_LIST = Path("/etc/ld.so.cache")
"""Written anew whenever a library of the system changes."""
_STARTERS = ("/lib", "/lib64")
_LOAD_S = 120.0


@dataclass(frozen=True)
class Root:
    """What the image holds, beside the shared libraries of the system."""

    files: tuple[tuple[Path, str], ...]
    """(file here, path inside), sorted by path."""
    links: tuple[tuple[str, str], ...]
    """(path inside, where it points)."""
    texts: tuple[tuple[str, str], ...]
    """(path inside, content)."""

    @property
    def digest(self) -> str:
        """Twelve digits that change with any file's name, size or date."""
        told = hashlib.sha256(repr((self.links, self.texts)).encode())
        for source, target in (*self.files, (_LIBRARY_LIST, "")):
            found = source.stat()
            told.update(f"{target}\0{found.st_size}\0{int(found.st_mtime)}\n".encode())
        return told.hexdigest()[:12]


def ensure_native_image(api: DockerEngineApi, packages: Iterable[str]) -> str:
    """Return the name of the image for code, which the engine has from then on; idempotent.

    Args:
        api: The engine.
        packages: What a submission may import beside the standard library.

    Raises:
        ToolError: A package is missing here, or the engine refuses.
    """
    root = plan_root(packages)
    name = f"{REPOSITORY}:{root.digest}"
    if api.image(name) is None:
        with tempfile.TemporaryDirectory(prefix="diychallenge-native-") as folder:
            archive = Path(folder) / "root.tar"
            write_archive(replace(root, files=(*root.files, *_libraries(root))), archive)
            api.import_image(
                str(archive), REPOSITORY, root.digest, ['ENTRYPOINT ["/python/bin/python"]']
            )
    return name


def plan_root(packages: Iterable[str]) -> Root:
    """Return what goes into the image, from the interpreter that runs this process."""
    executable = base_executable()
    site = sysconfig.get_path("purelib", "venv", vars={"base": _HOME, "platbase": _HOME})
    shown = [*interpreter_files(executable)]
    shown += [(str(path), f"{site}/{path.name}") for path in package_paths(packages)]
    without = {Path(folder) for folder in site_folders()}
    files: dict[str, Path] = dict(_files(shown, without))
    files |= {target: Path(source) for source, target in system_files() if Path(source).is_file()}
    files |= {str(zone): zone for zone in _below(Path("/usr/share/zoneinfo"), set())}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Root(
        files=tuple(sorted(((path, target) for target, path in files.items()), key=lambda f: f[1])),
        links=(
            *system_libraries()[0],
            *((f"{_HOME}/bin/{name}", str(executable)) for name in ("python", "python3")),
        ),
        texts=(
            (f"{_HOME}/pyvenv.cfg", _VENV.format(home=executable.parent, version=version)),
            ("/etc/passwd", _ACCOUNTS),
            ("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
        ),
    )


def write_archive(root: Root, archive: Path) -> None:
    """Write the image's only layer: everything belongs to root, and all may read it."""
    with tarfile.open(archive, "w") as tar:
        for name in _folders_of(root):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        for path, target in root.links:
            link = tarfile.TarInfo(path.lstrip("/"))
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for path, text in root.texts:
            content = text.encode()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
        for source, path in root.files:
            found = source.stat()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mtime = found.st_size, int(found.st_mtime)
            entry.mode = 0o755 if found.st_mode & 0o111 else 0o644
            with source.open("rb") as file:
                tar.addfile(entry, file)


def _folders_of(root: Root) -> list[str]:
    paths = [target for _, target in root.files]
    paths += [path for path, _ in (*root.links, *root.texts)]
    found = {str(parent)[1:] for path in paths for parent in Path(path).parents}
    return sorted({*found, *_FOLDERS} - {""})


def _files(shown: Iterable[tuple[str, str]], without: set[Path]) -> Iterator[tuple[str, Path]]:
    """Yield (path inside, file) for files, and for all in folders; links become their files."""
    for source, target in shown:
        place = Path(source)
        if not place.is_dir():
            yield target, place
            continue
        for path in _below(place, without):
            yield f"{target}/{path.relative_to(place)}", path


def _below(folder: Path, without: set[Path]) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path in without or any(path.match(pattern) for pattern in _LEFT_OUT):
            continue
        if path.is_dir():
            yield from _below(path, without)
        elif path.is_file():
            yield path


def _libraries(root: Root) -> list[tuple[Path, str]]:
    """Return the shared libraries of the system that the files need, under all their names."""
    programs = sorted({str(path) for path, _ in root.files if ".so" in path.name})
    finished = process.run(
        [sys.executable, "-I", str(_LINKED)], stdin="\n".join(programs).encode(), timeout_s=_LOAD_S
    )
    ours = {path.resolve() for path, _ in root.files}
    loaded = {Path(line).resolve() for line in finished.stdout.decode().splitlines()} - ours
    loaded = {path for path in loaded if ".so" in path.name}
    if finished.code != 0 or not loaded:
        raise ToolError(f"the libraries of {sys.executable} are not known: {finished.error_text}")
    loaded |= {late for path in loaded if (late := path.parent / _LOADED_LATER).is_file()}
    found = {name for path in loaded for name in _names_of(path)}
    # The one that starts programs is named in each of them by another path.
    starters = [path for folder in _STARTERS for path in Path(folder).glob("ld-*.so*")]
    found |= {path.parent.resolve() / path.name for path in starters if path.resolve() in loaded}
    return sorted((name, str(name)) for name in found)


def _names_of(library: Path) -> Iterator[Path]:
    """Yield a library's file, and the links beside it by which programs are linked to it."""
    yield library
    for name in library.parent.glob(f"{library.name.partition('.so')[0]}.so*"):
        if name.is_symlink() and name.resolve() == library:
            yield name
