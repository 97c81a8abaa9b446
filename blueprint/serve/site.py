"""Serves the published site: plain files of the build that is switched in at the moment."""

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from blueprint.state import StateFolder


class Site:
    """The static site at `/`; answers 503 until the first build is there."""

    def __init__(self, state: StateFolder) -> None:
        self._link = state.site
        self._files = StaticFiles(directory=state.site, html=True, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response: Response
        if not self._link.is_dir():
            response = PlainTextResponse("The site is being made. Try again in a moment.\n", 503)
            response.headers["retry-after"] = "2"
        else:
            try:
                response = await self._files.get_response(self._files.get_path(scope), scope)
                # Asked again each time, and answered with 304 while the build is the same.
                response.headers["cache-control"] = "no-cache"
            except HTTPException as error:
                response = PlainTextResponse(f"{error.detail}\n", error.status_code)
        await response(scope, receive, send)
