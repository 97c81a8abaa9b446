"""Judges the list of a commit's files, of which nothing was taken out of git yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blueprint.adapters.git import TreeEntry, parse_tree
from blueprint.config.faults import Fault
from blueprint.desk.archive import MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES

MAX_FOLDERS = 2000
MAX_PATH_BYTES = 200
MAX_DEPTH = 12
_REGULAR = frozenset({"100644", "100755"})
_MAX_SHOWN = 100


@dataclass(frozen=True)
class Files:
    """The regular files of a commit: path to size in bytes."""

    sizes: dict[str, int]

    def __contains__(self, path: str) -> bool:
        return path in self.sizes

    def below(self, folder: str) -> list[str]:
        """Return the paths below a folder, without its name, in order."""
        prefix = f"{folder}/"
        return sorted(path.removeprefix(prefix) for path in self.sizes if path.startswith(prefix))


def judge_listing(listing: bytes | None, *, is_complete: bool) -> tuple[Files, list[Fault]]:
    """Return a commit's files, and all that is wrong with them.

    Args:
        listing: What `git ls-tree -rtlz` printed; None when git could not.
        is_complete: False when the hook cut it off at its own, higher bounds.
    """
    try:
        entries = parse_tree(listing or b"", max_entries=MAX_FILES + MAX_FOLDERS + 1)
    except ValueError:
        entries, listing = [], None
    files = [entry for entry in entries if entry.type != "tree"]
    faults = list(_judge_whole(files, len(entries), listing, is_complete=is_complete))
    if not faults:
        faults = [fault for entry in files for fault in _judge_entry(entry)]
    regular = (entry for entry in files if entry.mode in _REGULAR)
    return Files({readable(entry.path_bytes): entry.size or 0 for entry in regular}), faults


def readable(path: bytes) -> str:
    """Return a path as text that is safe to show: what cannot be printed is written out."""
    text = path.decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= MAX_PATH_BYTES else f"{shown[:_MAX_SHOWN]}…"


def fault_at(file: str, problem: str, hint: str) -> Fault:
    """Return a fault of a file that has no line to point at."""
    return Fault(file, 1, 1, "", problem, hint)


def _judge_whole(
    files: Sequence[TreeEntry], entries: int, listing: bytes | None, *, is_complete: bool
) -> Iterator[Fault]:
    folders = entries - len(files)
    if listing is None:
        yield _of_repository(
            "git could not list the files of this commit",
            "run `git fsck` in your clone, then commit and tag again",
        )
    elif not is_complete or len(files) > MAX_FILES:
        # Where the list was cut off, how much more there is, and of what, is not known.
        is_cut = not is_complete or entries > MAX_FILES + MAX_FOLDERS
        cut = f"more than {MAX_FILES:,} files and folders: a submission holds at most so many"
        exact = f"{len(files):,} files: a submission holds at most {MAX_FILES:,}"
        yield _of_repository(
            cut if is_cut else exact,
            "leave data, caches and virtual environments out (.gitignore), or pack small files",
        )
    elif folders > MAX_FOLDERS:
        yield _of_repository(
            f"{folders:,} folders: a submission holds at most {MAX_FOLDERS:,}",
            "use fewer folders",
        )
    total_bytes = sum(entry.size or 0 for entry in files)
    if total_bytes > MAX_TOTAL_BYTES:
        yield _of_repository(
            f"{_size(total_bytes)} in all: a submission holds at most {_size(MAX_TOTAL_BYTES)}",
            "leave data out; store weights as 16-bit numbers",
        )


def _judge_entry(entry: TreeEntry) -> Iterator[Fault]:
    name = readable(entry.path_bytes)
    if entry.mode == "120000":
        yield fault_at(
            name, "is a symbolic link: a submission holds regular files only",
            "put the file itself in its place",
        )  # fmt: skip
    elif entry.mode == "160000":
        yield fault_at(
            name, "is a submodule: a submission holds regular files only",
            f"`git rm --cached {name}`, then add its files themselves",
        )  # fmt: skip
    elif entry.mode not in _REGULAR:
        yield fault_at(
            name, f"has the mode {entry.mode}: a file's is 100644 or 100755",
            "commit it again with a git of today",
        )  # fmt: skip
    elif (entry.size or 0) > MAX_FILE_BYTES:
        yield fault_at(
            name,
            f"{_size(entry.size or 0)}: a file holds at most {_size(MAX_FILE_BYTES)}",
            "leave data out; store weights as 16-bit numbers, or in several files",
        )
    yield from _judge_name(entry.path_bytes, name)


def _judge_name(path: bytes, name: str) -> Iterator[Fault]:
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        yield fault_at(name, "the name is not UTF-8 text", "give it a plain name")
        return
    parts = text.split("/")
    bad = next((c for c in text if not c.isprintable()), None)
    if bad is not None:
        yield fault_at(
            name, f"the name holds U+{ord(bad):04X}, which cannot be printed",
            "give it a plain name",
        )  # fmt: skip
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        yield fault_at(
            name, "the path is not one below the repository", "give it a plain path without '..'"
        )
    if len(parts) > MAX_DEPTH:
        yield fault_at(
            name, f"lies {len(parts) - 1} folders deep: at most {MAX_DEPTH - 1} are taken",
            "use fewer folders",
        )  # fmt: skip
    if len(path) > MAX_PATH_BYTES:
        yield fault_at(
            name, f"the path is {len(path)} bytes long: at most {MAX_PATH_BYTES} are taken",
            "use shorter names",
        )  # fmt: skip


def _of_repository(problem: str, hint: str) -> Fault:
    return fault_at("repository", problem, hint)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1024**2:,.1f}".removesuffix(".0") + " MiB"
