"""A participant's mailbox: reads the messages that the platform wrote for them."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from blueprint.errors import BlueprintError

_LINK = re.compile(r"https?://[^/\s]+(/portal/\S+)")


def mailed_link(outbox: Path, address: str) -> str:
    """Return the path of the link in the latest message to an address.

    Raises:
        BlueprintError: There is no message to it, or none with a link.
    """
    for file in sorted(outbox.glob("*.eml"), reverse=True):
        message = message_from_bytes(file.read_bytes(), policy=default)
        found = _LINK.search(str(message.get_content()))
        if message["To"] == address and found:
            return found[1]
    raise BlueprintError(f"no mail with a link came to {address}")
