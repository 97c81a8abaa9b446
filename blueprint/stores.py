"""The stores of objects that a deployment has, and where each lies: a folder here, or a bucket."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from blueprint.errors import InputError, ToolError
from blueprint.objects.directory import DirectoryObjects
from blueprint.objects.port import Objects
from blueprint.state import StateFolder


@dataclass(frozen=True)
class Stores:
    """One store a purpose; docs/reference/object-store.md says what lies in each, and who may."""

    logs: Objects
    """What submissions printed, `<submission>.log`."""


class _Address(BaseModel):
    """What `keys/objects.json` says: a bucket a store, and the credential for them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str
    region: str = "us-east-1"
    ca_file: Path | None = None
    access_key: str
    secret_key: SecretStr
    logs: str
    """The name of the bucket for them."""


def open_stores(state: StateFolder) -> Stores:
    """Open the stores of the deployment in `state`; no server is asked yet.

    Raises:
        InputError: The address of the object store cannot be read.
        ToolError: It is an S3 server, for which a package is missing.
    """
    if not state.objects_address.exists():
        # What a program printed may be lost with the power; its scores may not.
        return Stores(logs=DirectoryObjects(state.logs, is_durable=False))
    return _open_buckets(_read_address(state.objects_address))


def _open_buckets(address: _Address) -> Stores:
    try:
        from blueprint.adapters.s3 import S3Objects  # noqa: PLC0415 (only where one is used)
        from blueprint.adapters.s3_client import S3Address, S3Key, connect  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ToolError(
            f"the objects lie on an S3 server, and the package {error.name} is not installed",
            hint="pip install 'diychallenge[server]'",
        ) from None
    client = connect(
        S3Address(address.endpoint, address.region, address.ca_file),
        S3Key(address.access_key, address.secret_key.get_secret_value()),
    )
    return Stores(logs=S3Objects(client, address.logs))


def _read_address(path: Path) -> _Address:
    try:
        return _Address.model_validate(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:  # its own text would show the values, secrets among them
        named = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise InputError(f"{path}: is no address of an object store: {named}") from None
    except ValueError:
        raise InputError(f"{path}: is no JSON") from None
