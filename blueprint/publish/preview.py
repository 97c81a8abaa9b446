"""The leaderboard with its hidden phases, for organizers alone: made when asked, kept nowhere.

It is made in a child process, as the site is: whoever asks stays without numpy.
"""

import json
import sys
from typing import Any, Literal

from blueprint.adapters import process
from blueprint.errors import BlueprintError
from blueprint.state import StateFolder

_TIMEOUT_S = 120.0
Form = Literal["json", "html"]


def preview_document(state: StateFolder) -> dict[str, Any]:
    """Return leaderboard.json with the boards of all phases.

    Raises:
        BlueprintError: It could not be made.
    """
    document: dict[str, Any] = json.loads(_made(state, "json"))
    return document


def preview_page(state: StateFolder) -> bytes:
    """Return leaderboard.html with the boards of all phases, for the portal to serve.

    Raises:
        BlueprintError: It could not be made.
    """
    return _made(state, "html")


def _made(state: StateFolder, form: Form) -> bytes:
    argv = [sys.executable, "-P", "-m", "blueprint.publish.job", "--preview", form]
    done = process.run([*argv, "--state", str(state.root)], timeout_s=_TIMEOUT_S)
    if done.code != 0:
        raise BlueprintError(f"the preview could not be made: {done.error_text[-1000:]}")
    return done.stdout
