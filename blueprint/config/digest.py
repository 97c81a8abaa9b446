"""Tells whether two challenges are the same, whatever their files look like."""

import hashlib
import json

from blueprint.config.model import Challenge


def challenge_digest(challenge: Challenge) -> str:
    """Return the SHA-256 of what the challenge says, as 64 hexadecimal digits.

    Comments, order of keys and defaults that are written out do not change it.
    """
    document = challenge.model_dump(mode="json", exclude=challenge.idle_sections)
    said = json.dumps(document, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode("ascii")).hexdigest()
