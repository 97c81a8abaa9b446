"""The images of the lock: pulled where a registry answers, otherwise stand-ins made here.

A stand-in has the name and the layout of the production image, so that what is rendered runs
unmodified. It is made by a Dockerfile of tests/stack/images from Debian's packages or from the
server's published source.
"""

import hashlib
import os
import shutil
import ssl
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache as remembered
from pathlib import Path

import httpx

from blueprint.plan.server import Image
from blueprint.services.images import load_images
from tests.stack.bench import cache, golang, progress, versions
from tests.stack.bench.debian import ensure_debian
from tests.stack.bench.engine import LABEL, Engine
from tests.stack.bench.errors import BenchError
from tests.stack.bench.gitea import gitea_program
from tests.stack.bench.keycloak import keycloak_archive
from tests.stack.bench.object_stores import minio_program

SOURCES = Path(__file__).resolve().parents[1] / "images"
_RECIPE = f"{LABEL}.recipe"
_HUB = "registry-1.docker.io"


def ensure_images(engine: Engine, names: Iterable[str] | None = None) -> tuple[Image, ...]:
    """Make sure that the engine has these images of the lock, by default all but our own.

    Returns:
        Them, as the lock has them. Our own are built from the bundle, not here.
    """
    wanted = set(names) if names is not None else None
    images = [image for image in load_images() if image.base is None]
    for image in images:
        if wanted is None or image.name in wanted:
            _ensure(engine, image)
    return tuple(image for image in images if wanted is None or image.name in wanted)


def reference(image: Image) -> str:
    """Return the name by which Compose files ask for an image."""
    return f"{image.repo}:{image.tag}"


def ensure_built(
    engine: Engine,
    name: str,
    tag: str,
    *,
    target: str | None = None,
    fill: Callable[[Path], None] | None = None,
    inputs: str = "",
) -> None:
    """Make sure that `tag` is what SOURCES/NAME makes today; otherwise build it.

    Args:
        engine: Where it is built and kept.
        name: The folder of its Dockerfile.
        tag: What it is called.
        target: The stage of the Dockerfile, by default the last.
        fill: Adds to the folder that is built what is no part of this repository.
        inputs: What `fill` adds, in words: another version is another image.
    """
    recipe = _recipe(SOURCES / name, f"{target} {inputs}")
    with cache.locked(f"image-{engine.key}-{name}-{target}"):
        if recipe_of(engine, tag) == recipe:
            return
        ensure_debian(engine)
        with tempfile.TemporaryDirectory(dir=cache.CACHE, prefix="context-") as folder:
            context = Path(folder) / name
            shutil.copytree(SOURCES / name, context)
            if fill is not None:
                fill(context)
            aim = ["--target", target] if target else []
            with progress.step(f"building the image {tag}"):
                engine.docker(
                    "build", "--quiet", "--network", "host", "--tag", tag, *aim,
                    "--label", f"{_RECIPE}={recipe}", context,
                )  # fmt: skip


def _ensure(engine: Engine, image: Image) -> None:
    tag = reference(image)
    if _registry_answers(_registry(image.repo)):
        if not engine.has_image(tag):
            with progress.step(f"pulling {tag}"):
                engine.docker("pull", "--quiet", tag)
        return
    if image.name not in _FILLED:
        raise BenchError(
            f"the image {image.name} of the lock cannot be pulled and has no stand-in: write"
            f" {SOURCES.name}/{image.name}/Dockerfile and name it in {Path(__file__).name}"
        )
    fill, inputs = _FILLED[image.name]
    ensure_built(engine, image.name, tag, fill=fill, inputs=inputs)


def _registry(repo: str) -> str:
    first, _, rest = repo.partition("/")
    return first if rest and ("." in first or ":" in first) else _HUB


@remembered
def _registry_answers(host: str) -> bool:
    """Say whether a registry can be reached: it asks for a log-in, or lets anyone in."""
    try:
        answer = httpx.get(f"https://{host}/v2/", timeout=10, verify=ssl.create_default_context())
    except httpx.TransportError:
        return False
    return answer.status_code in (200, 401)


def _recipe(folder: Path, more: str) -> str:
    digest = hashlib.sha256(more.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def recipe_of(engine: Engine, tag: str) -> str | None:
    """Return what an image was made of, as its maker wrote it down."""
    if not engine.has_image(tag):
        return None
    form = f'{{{{index .Config.Labels "{_RECIPE}"}}}}'
    return engine.docker("image", "inspect", "--format", form, tag).strip()


def _add_keycloak(context: Path) -> None:
    _add(keycloak_archive(), context / "keycloak.zip")


def _add_gitea(context: Path) -> None:
    _add(gitea_program(), context / "gitea")
    source = golang.module_source("code.gitea.io/gitea", f"v{versions.GITEA}")
    shutil.copytree(source / "docker" / "rootless", context / "rootless")


def _add_minio(context: Path) -> None:
    _add(minio_program(), context / "minio")
    source = golang.module_source("github.com/minio/minio", versions.MINIO)
    shutil.copy(source / "dockerscripts" / "docker-entrypoint.sh", context)


def _add_certificates(context: Path) -> None:
    paths = ssl.get_default_verify_paths()
    bundle = os.environ.get("SSL_CERT_FILE") or paths.cafile or paths.openssl_cafile
    shutil.copy(bundle, context / "certificates.pem")


def _add(source: Path, target: Path) -> None:
    """Give a big file a second name rather than a copy: both lie in the cache."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


_FILLED: Mapping[str, tuple[Callable[[Path], None] | None, str]] = {
    "nginx": (None, ""),
    "postgres": (None, ""),
    "keycloak": (_add_keycloak, versions.KEYCLOAK),
    "gitea": (_add_gitea, versions.GITEA),
    "silo": (_add_minio, versions.MINIO),
    "python": (_add_certificates, ""),
}
"""The stand-ins: what each needs beside its folder, and in which version."""
