"""The image lock: which image, with which exact tag, each service is made of."""

from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from blueprint import resources
from blueprint.errors import InputError
from blueprint.plan.server import Image

_LOCK = "images.lock.yaml"


def image_lock_file() -> Path:
    """Return the lock that this version ships."""
    return resources.package_folder() / "services" / _LOCK


def load_images(path: Path | None = None) -> tuple[Image, ...]:
    """Return the images of a lock, in its order.

    Args:
        path: Another lock than the one that this version ships, such as the test bench's.

    Raises:
        InputError: It cannot be read, or holds something else.
    """
    path = path or image_lock_file()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        images = TypeAdapter(tuple[Image, ...]).validate_python(document["images"])
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValidationError, UnicodeError, TypeError, KeyError) as error:
        first = str(error).splitlines()[0]
        raise InputError(
            f"{path}: is no image lock: {first}",
            hint="it is a list `images:` of name, repo, tag and digest (or null)",
        ) from None
    return images
