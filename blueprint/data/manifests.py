"""Signed manifests: the name, size and SHA-256 of every file of a release."""

import hashlib
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from blueprint.adapters import process
from blueprint.config.model import Release
from blueprint.data.release_files import MANIFEST, SIGNATURE, ReleaseFile, list_files
from blueprint.data.releases import release_folder
from blueprint.errors import InputError, ToolError
from blueprint.platform import Platform
from blueprint.resources import package_folder
from blueprint.signing import canonical_json, ensure_signing_key, is_signed, parse_public, sign

_HASH_TIMEOUT_S = 24 * 3600
_STAMP = "stamp"


@dataclass(frozen=True)
class Verification:
    """What a check of a release found; `problems` is empty when all is as signed."""

    release: str
    version: str
    files: int
    size_bytes: int
    problems: tuple[str, ...]


def build_manifest(
    challenge_id: str, release: Release, files: Sequence[dict[str, object]]
) -> dict[str, object]:
    """Return the manifest of a release; the same files always give the same one."""
    return {
        "manifest": 1,
        "challenge": challenge_id,
        "release": release.id,
        "title": release.title,
        "version": release.version,
        "license": release.license,
        "files": list(files),
    }


def manifest_path(platform: Platform, release: Release) -> Path:
    """Return where the signed manifest of a release lies; its signature is beside it."""
    return platform.state.releases / release.id / MANIFEST


def ensure_manifest(platform: Platform, release: Release) -> Path:
    """Make and sign the manifest unless there is one for these very files; return its file.

    `manifest.json` is the canonical form that is signed, so that other programs can verify the
    signature over the file as it is. Checksums are made anew only when a size or time changed.

    Raises:
        InputError: The folder holds what cannot be given out; or files of a release that is
            open were changed while its version stayed the same.
    """
    target = manifest_path(platform, release)
    wanted = _wanted(platform, release)
    if wanted is not None:
        manifest, stamp = wanted
        if manifest != _load_signed(platform, release):
            _put_in_force(platform, target, manifest)
        _replace(target.with_name(_STAMP), stamp.encode("ascii"))
    return target


def demand_giveable(platform: Platform, release: Release) -> None:
    """Make sure that a manifest of a release could be signed now; nothing is written.

    Raises:
        InputError: As for `ensure_manifest`.
    """
    _wanted(platform, release)


def verify_release(platform: Platform, release: Release) -> Verification:
    """Compare the files of a release with its signed manifest, every byte of them."""
    manifest = _load_signed(platform, release)
    if manifest is None:
        told = "has no manifest with a good signature; `diychallenge deploy` makes one"
        return Verification(release.id, release.version, 0, 0, (f"{release.id} {told}",))
    try:
        found = hash_folder_apart(release, release_folder(platform, release))
    except InputError as error:
        return _verification(release, manifest, (str(error),))
    return _verification(release, manifest, differences(manifest["files"], found))


def differences(
    wanted: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]
) -> tuple[str, ...]:
    """Return in sentences how the files that were found differ from those of a manifest."""
    signed = {file["path"]: file for file in wanted}
    here = {file["path"]: file for file in found}
    missing = [f"{path} is missing" for path in signed.keys() - here.keys()]
    added = [f"{path} is not in the manifest" for path in here.keys() - signed.keys()]
    changed = [
        f"{path} differs from the manifest"
        for path in signed.keys() & here.keys()
        if signed[path] != here[path]
    ]
    return tuple(sorted([*missing, *added, *changed]))


def load_manifest(data: bytes, signature: str, key: Ed25519PublicKey) -> dict[str, Any]:
    """Return the manifest in `data` when its signature is this key's.

    Raises:
        InputError: It is no manifest, or the signature is not the key's.
    """
    try:
        manifest = json.loads(data)
    except ValueError:
        raise InputError("the manifest is not JSON") from None
    if not isinstance(manifest, dict) or manifest.get("manifest") != 1:
        raise InputError("the manifest is not of version 1")
    if not is_signed(key, manifest, signature.strip()):
        raise InputError("the signature of the manifest is not the challenge's")
    return manifest


def hash_folder_apart(release: Release, folder: Path) -> list[dict[str, object]]:
    """Return the files of a folder with their checksums, made in a child process.

    Raises:
        InputError: The folder holds what cannot be given out.
        ToolError: The child failed.
    """
    with tempfile.TemporaryDirectory(prefix="diychallenge-") as scratch:
        out = Path(scratch) / "hashes.json"
        # -P: a folder called blueprint where we happen to stand is not the program.
        argv = [sys.executable, "-P", "-m", "blueprint.data.hash_job", str(folder), str(out)]
        env = {**process.plain_environment(), "PYTHONPATH": str(package_folder().parent)}
        finished = process.run(argv, env=env, timeout_s=_HASH_TIMEOUT_S)
        if finished.code != 0 or not out.is_file():
            raise ToolError(f"release {release.id}: no checksums: {finished.error_text[-500:]}")
        report = json.loads(out.read_text(encoding="ascii"))
    _refuse(release, report["faults"])
    files: list[dict[str, object]] = report["files"]
    return files


def _wanted(platform: Platform, release: Release) -> tuple[dict[str, Any], str] | None:
    """Return the manifest that the files of now ask for with its stamp; None: it is in force."""
    folder = release_folder(platform, release)
    listed, faults = list_files(folder)
    _refuse(release, faults)
    stamp = _stamp_of(platform, release, listed)
    old = _load_signed(platform, release)
    known = _read(manifest_path(platform, release).with_name(_STAMP))
    if old is not None and known == stamp.encode("ascii"):
        return None
    files = hash_folder_apart(release, folder)
    manifest = build_manifest(platform.challenge.challenge.id, release, files)
    _demand_new_version(platform, release, old, manifest)
    return manifest, stamp


def _put_in_force(platform: Platform, target: Path, manifest: dict[str, object]) -> None:
    keys = platform.state.keys
    key = ensure_signing_key(keys / "receipts.key", keys / "receipts.pub")
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(target.with_name(SIGNATURE), (sign(key, manifest) + "\n").encode("ascii"))
    _replace(target, canonical_json(manifest))


def _refuse(release: Release, faults: Sequence[str]) -> None:
    if faults:
        listed = "; ".join(faults)
        raise InputError(f"data.releases: {release.id} cannot be given out: {listed}")


def _demand_new_version(
    platform: Platform, release: Release, old: dict[str, Any] | None, new: dict[str, object]
) -> None:
    """Refuse to change under the same version what people may have downloaded already."""
    if old is None or release.opens > platform.clock():
        return
    if old["version"] == new["version"] and old["files"] != new["files"]:
        raise InputError(
            f"data.releases: the files of {release.id} were changed, but it is open and still "
            f"version {release.version}",
            hint="raise its `version:`, so that people can tell the two apart, or put them back",
        )


def _stamp_of(platform: Platform, release: Release, files: Sequence[ReleaseFile]) -> str:
    """Return what changes whenever a manifest could: the metadata, and every size and time."""
    about = build_manifest(platform.challenge.challenge.id, release, ())
    listed = [[file.path, file.size_bytes, file.modified_ns] for file in files]
    return hashlib.sha256(canonical_json({**about, "files": listed})).hexdigest()


def _load_signed(platform: Platform, release: Release) -> dict[str, Any] | None:
    """Return the manifest in force, or None when it is absent or not signed by our key."""
    target = manifest_path(platform, release)
    data, signature = _read(target), _read(target.with_name(SIGNATURE))
    public = _read(platform.state.keys / "receipts.pub")
    if data is None or signature is None or public is None:
        return None
    try:
        key = parse_public(public.decode("ascii", "replace"))
        return load_manifest(data, signature.decode("ascii", "replace"), key)
    except InputError:
        return None


def _verification(
    release: Release, manifest: dict[str, Any], problems: tuple[str, ...]
) -> Verification:
    size_bytes = sum(file["size_bytes"] for file in manifest["files"])
    return Verification(
        release.id, manifest["version"], len(manifest["files"]), size_bytes, problems
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
