"""The log of a submission in the object store: what its program printed, bounded."""

import logging

from blueprint.errors import NotFoundError, ToolError
from blueprint.objects.port import Objects

_TYPE = "text/plain; charset=utf-8"
_MAX_BYTES = 1024 * 1024
"""Far more than is kept: only a file that something else put there can be larger."""
_log = logging.getLogger(__name__)


def keep_log(logs: Objects, submission_id: int, text: str) -> None:
    """Put `text` in place as the log of a submission.

    A store that does not answer costs the log, and never the result that it belongs to.
    """
    try:
        logs.put(_key(submission_id), text.encode(), _TYPE)
    except ToolError as error:
        _log.warning("the log of submission %d is not kept: %s", submission_id, error)


def read_log(logs: Objects, submission_id: int) -> str | None:
    """Return the log of a submission, None where there is none."""
    try:
        data = logs.read(_key(submission_id), max_bytes=_MAX_BYTES)
    except NotFoundError:
        return None
    return data.decode("utf-8", "replace")


def _key(submission_id: int) -> str:
    return f"{submission_id}.log"
