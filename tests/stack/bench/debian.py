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
    (draft / "root").mkdir()
    # In memory, and in a mount namespace of its own: the installer forces every file to the disk,
    # and what it mounts is gone however it ends.
    run(["unshare", "--mount", "bash", "-euc", _SCRIPT, "bench", draft, SUITE])
    (draft / "root").rmdir()


_SCRIPT = r"""
mount -t tmpfs -o size=2g,mode=0755 bench "$1/root"
debootstrap --variant=minbase "$2" "$1/root"
find "$1/root/var/lib/apt/lists" "$1/root/var/cache/apt" -type f -delete
# As in the official image: layers of an image need not outlive a power cut.
echo force-unsafe-io > "$1/root/etc/dpkg/dpkg.cfg.d/bench"
tar --directory "$1/root" --numeric-owner --create --file "$1/debian.tar" .
"""
