"""Finds the state folder that belongs to a challenge.yaml, even while that file has faults."""

import json
from pathlib import Path

from blueprint.config.units import parse_folder
from blueprint.config.yaml_reader import read_yaml
from blueprint.errors import InputError
from blueprint.state import StateFolder

_DEFAULT = ".diychallenge"


def state_of(file: Path) -> StateFolder:
    """Return the state folder of the challenge in `file`.

    An organizer in the middle of an edit must still be able to revoke somebody: only
    `embedded.state` is read, and where not even that is possible, what an earlier deploy left.

    Raises:
        InputError: There is no such file, or nothing can be read from it, and nothing was
            deployed beside it.
    """
    project = file.absolute().parent
    try:
        return StateFolder((project / _named_in(file)).resolve())
    except InputError:
        found = _deployed_in(project)
        if found is None:
            raise
        return found


def _named_in(file: Path) -> Path:
    try:
        named = read_yaml(file.read_bytes(), file=str(file)).at(("embedded", "state"))
        return Path(parse_folder(named or _DEFAULT))
    except FileNotFoundError:
        raise InputError(
            f"{file}: there is no such file",
            hint="run this in the folder of challenge.yaml, or say where it is with --file",
        ) from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{file}: embedded.state: {error}") from None


def _deployed_in(project: Path) -> StateFolder | None:
    """Return the state folder of this project that lies directly in it, or None."""
    for marker in sorted(project.glob("*/deployed.json")):
        try:
            owner = json.loads(marker.read_text(encoding="utf-8"))["project"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if owner == str(project.resolve()):
            return StateFolder(marker.parent.resolve())
    return None
