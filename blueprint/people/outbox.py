"""The outbox folder: mail that a server would send, one file a message."""

import secrets
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from blueprint.files import write_whole

# No line of ours is wrapped: a link must stay whole for whoever reads the file.
_POLICY = SMTP.clone(max_line_length=900)


def compose(*, sender: str, to: str, subject: str, text: str, now: datetime) -> EmailMessage:
    """Return a plain-text message; line breaks in a header are refused by the message itself."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{secrets.token_hex(16)}@diychallenge.invalid>"
    message.set_content(text)
    return message


def put(outbox: Path, message: EmailMessage, now: datetime) -> Path:
    """Write a message (mode 0600, whole or not at all) and return its `.eml` file."""
    outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = outbox / f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}.eml"
    write_whole(file, message.as_bytes())
    return file
