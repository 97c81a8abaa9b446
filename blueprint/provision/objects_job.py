"""A program that converges an object store; it runs where the store is reached, on the host.

It reads one JSON document from stdin and writes one line of JSON for each change, and one at the
end. Secrets lie in files: none is in the document, in an argument or in the environment.

    {"endpoint": "http://silo:9000", "ca_file": null, "kind": "minio" | "external",
     "access_key": "diychallenge", "secret": "objects-root-password",
     "secrets": "/run/secrets", "wanted": {...}}
"""

import json
import sys
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from blueprint.adapters.minio_admin import MinioAccounts
from blueprint.adapters.s3_buckets import S3Buckets
from blueprint.adapters.s3_client import S3Address, S3Key, connect
from blueprint.errors import BlueprintError, InputError
from blueprint.provision.changes import Change, Report
from blueprint.provision.objects import converge_buckets, converge_users
from blueprint.provision.store_rights import WantedStore


class ObjectsJob(BaseModel):
    """What to do: the document that the program reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str
    region: str = "us-east-1"
    ca_file: Path | None = None
    kind: Literal["minio", "external"]
    """External: buckets alone. Its users are its own administrator's to make."""
    access_key: str
    secret: str
    """The name of the file with the secret key of whoever administers the store."""
    secrets: Path
    """The folder of the secrets, one file each."""
    wanted: WantedStore


def converge(job: ObjectsJob, report: Report) -> None:
    """Converge the store as the job says (see `provision.objects`)."""
    address = S3Address(job.endpoint, job.region, job.ca_file)
    root = S3Key(job.access_key, _read(job.secrets / job.secret))
    converge_buckets(S3Buckets(connect(address, root)), job.wanted, report)
    if job.kind == "minio":
        secrets = {user.secret: _read(job.secrets / user.secret) for user in job.wanted.users}
        converge_users(MinioAccounts(address, root), job.wanted, secrets, report)


def main() -> int:
    """Run the job on stdin; the exit code is 0 when the store is as wanted."""
    changes: list[Change] = []

    def report(change: Change) -> None:
        changes.append(change)
        _say({"thing": change.thing, "change": change.what})

    try:
        converge(ObjectsJob.model_validate_json(sys.stdin.buffer.read()), report)
    except BlueprintError as error:
        _say({"error": str(error), "hint": error.hint, "changed": len(changes)})
        return error.exit_code
    _say({"changed": len(changes)})
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise InputError(f"secret {path.name}: cannot be read: {error.strerror}") from None


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
