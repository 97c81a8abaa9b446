"""What the portal needs from the running platform beside the database."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class PortalServices:
    """Facts and signals that `serve` passes in."""

    sandbox_notice: str
    """How strong the sandbox is, in a sentence, shown where people submit."""
    sftp_fingerprint: str = ""
    """The host key's fingerprint, so that the first connection can be checked."""
    access_changed: Callable[[], None] = _nothing
    """Called after a key or token was taken away: what is in flight is judged again."""
