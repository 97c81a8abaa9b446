"""The base of everything that the bench makes: Debian 13 from Debian's own packages."""

from pathlib import Path

from tests.stack.bench import cache
from tests.stack.bench.commands import run
from tests.stack.bench.engine import Engine
from tests.stack.bench.packages import ensure_programs

SUITE, REFERENCE = "trixie", "debian:13"


def ensure_debian(engine: Engine) -> None:
    """Make sure that the engine has Debian 13, as small as debootstrap makes it."""
    if not engine.has_image(REFERENCE):
        archive = cache.ensure("debian", SUITE, _make) / "debian.tar"
        engine.docker("import", "--change", 'CMD ["bash"]', archive, REFERENCE)


def _make(draft: Path) -> None:
    ensure_programs(debootstrap="debootstrap")
    root = draft / "root"
    # What it mounts inside, it leaves mounted only when it is killed; those go with the namespace.
    run(["unshare", "--mount", "nice", "debootstrap", "--variant=minbase", SUITE, root])
    lists = root / "var" / "lib" / "apt" / "lists"
    run(["find", lists, root / "var" / "cache" / "apt", "-type", "f", "-delete"])
    run(["tar", "--directory", root, "--numeric-owner", "-cf", draft / "debian.tar", "."])
    cache.remove(root)
