"""The targets there are, and which one a challenge.yaml means: the one place that chooses."""

from collections.abc import Callable, Mapping
from pathlib import Path

from blueprint.config.yaml_reader import read_yaml
from blueprint.deploy.embedded_target import EmbeddedTarget
from blueprint.deploy.server_target import ServerTarget
from blueprint.deploy.target import Target
from blueprint.errors import InputError

TARGETS: Mapping[str, Callable[[Path], Target]] = {
    "embedded": EmbeddedTarget,
    "server": ServerTarget,
}
_DEFAULT = "embedded"


def target_of(file: Path) -> Target:
    """Return the target of the challenge in `file`.

    Only `target` is read, so that somebody can be revoked in the middle of an edit; a target that
    cannot be read, or is none, is the default, whose survey says what is wrong with the file.
    """
    return TARGETS.get(_named_in(file), TARGETS[_DEFAULT])(file)


def _named_in(file: Path) -> str:
    try:
        return str(read_yaml(file.read_bytes(), file=str(file)).at(("target",)) or _DEFAULT)
    except (OSError, InputError):
        return _DEFAULT
