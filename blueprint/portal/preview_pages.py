"""What organizers alone see: the leaderboard with its hidden phases."""

import threading

from starlette.responses import Response

from blueprint.errors import ConflictError
from blueprint.portal.visit import Visit
from blueprint.publish.preview import preview_page

_ONE_AT_A_TIME = threading.Lock()
"""Each preview is a process with the numeric libraries in it: two would take memory for nothing."""


def show_preview(visit: Visit) -> Response:
    """Show the leaderboard as it would be if every phase were shown."""
    if not _ONE_AT_A_TIME.acquire(blocking=False):  # waiting here would keep other pages waiting
        raise ConflictError("another preview is being made", hint="Try again in a moment.")
    try:
        html = preview_page(visit.platform.state)
    finally:
        _ONE_AT_A_TIME.release()
    return Response(html, media_type="text/html", headers={"cache-control": "no-store"})
