"""Makes the folder in which a run lives where no root can be built for it (Landlock alone).

Its Python is the same virtual environment that the namespaces' root has, out of real links, with
one module more: `sandbox_paths.py`, which lets a program say /input and mean the work folder's.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blueprint.errors import ToolError
from blueprint.evaluate.engine import Job
from blueprint.evaluate.removal import remove_tree
from blueprint.evaluate.sandbox.layout import Layout

_SHIM = Path(__file__).with_name("sandbox_paths.py")
_PYTHON = "/python"


@contextmanager
def work_folder(job: Job, layout: Layout) -> Iterator[Path]:
    """Yield a work folder with `python`, `output` and `tmp`; it is removed at the end.

    Raises:
        ToolError: A folder to hide lies inside one that must be readable.
    """
    if layout.shown_secrets:
        raise ToolError(
            f"{layout.shown_secrets[0]} lies in a system folder, where Landlock cannot hide it",
            hint="move it elsewhere, or enable user namespaces",
        )
    # Beside the output: whoever clears up after a platform that died finds it there.
    work = Path(tempfile.mkdtemp(prefix="sandbox-", dir=job.output.parent)).resolve()
    try:
        for name in ("output", "tmp"):
            (work / name).mkdir(mode=0o700)
        _make_python(work, layout)
        _install_shim(work, layout, job)
        yield work
    finally:
        remove_tree(work)


def _make_python(work: Path, layout: Layout) -> None:
    for source, target in (*layout.binds, *((to, path) for path, to in layout.links)):
        if target.startswith(_PYTHON):
            place = work / target[1:]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(source)
    for path, content in layout.texts:
        if path.startswith(_PYTHON):
            (work / path[1:]).write_text(content)


def _install_shim(work: Path, layout: Layout, job: Job) -> None:
    site = work / layout.site[1:]
    places = {"/input": str(job.inputs), "/output": f"{work}/output", "/tmp": f"{work}/tmp"}  # noqa: S108
    if job.code is not None:
        places["/code"] = str(job.code)
    site.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_SHIM, site / "sandbox_paths.py")
    # Python runs such a line before the program starts. (A sitecustomize.py of ours would lose
    # to that of a distribution, which Debian has.)
    real = [str(work), *map(str, (job.inputs, job.code or job.inputs))]
    real += [source for source, _ in layout.binds]
    start = f"import sandbox_paths; sandbox_paths.install({json.dumps(places)}, {json.dumps(real)})"
    (site / "sandbox_paths.pth").write_text(f"{start}\n")
