"""Builds the site in a process of its own: `python -m blueprint.publish.job --state FOLDER`.

numpy is imported here and not in the platform, which stays small. With `--wait` the platform
keeps a process ready that has loaded everything; it ends unheard when the platform does.
"""

import argparse
import json
import sys
from pathlib import Path

from blueprint.clock import system_clock
from blueprint.errors import BlueprintError
from blueprint.platform import open_platform
from blueprint.publish.site import build_site, render_preview
from blueprint.state import StateFolder


def main() -> int:
    """Build the site once and print its folder as JSON, or print a preview.

    What is wrong is said in one line on stderr.
    """
    parser = argparse.ArgumentParser(prog="python -m blueprint.publish.job")
    parser.add_argument("--state", type=Path, required=True, help="the state folder")
    parser.add_argument(
        "--wait", action="store_true", help="load everything, then wait for a line on stdin"
    )
    parser.add_argument(
        "--preview", choices=["json", "html"], help="print hidden boards too, publish nothing"
    )
    arguments = parser.parse_args()
    if arguments.wait and not sys.stdin.readline():
        return 0  # nobody needs it any more
    try:
        platform = open_platform(StateFolder(arguments.state))
        if arguments.preview:
            made = render_preview(platform, system_clock())[f"leaderboard.{arguments.preview}"]
            sys.stdout.buffer.write(made)
            return 0
        folder = build_site(platform, system_clock())
    except BlueprintError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(json.dumps({"site": str(folder)}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
