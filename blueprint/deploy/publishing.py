"""Makes the static site anew, in a child process: numbers and drawings stay out of this one."""

import json
import sys
from datetime import datetime
from pathlib import Path

from blueprint.adapters import process
from blueprint.errors import BlueprintError
from blueprint.ledger.moves import mark_published
from blueprint.ledger.submissions import list_submissions
from blueprint.people.team_standings import shown_teams
from blueprint.platform import Platform
from blueprint.publish.visibility import shown_phases

_TIMEOUT_S = 600.0


def publish_now(platform: Platform, now: datetime) -> Path:
    """Build the site from the database, switch it in, and return its folder.

    Raises:
        BlueprintError: It could not be built; the site that was there is there still.
    """
    # Asked for before the build reads: what is scored meanwhile is for the next one to take in.
    with platform.database.read() as connection:
        shown = shown_phases(connection, platform.challenge, now)
        teams = {row.id for row in connection.execute(shown_teams())}
    scored = list_submissions(platform.database, state="scored")
    taken_in = [one.id for one in scored if one.phase in shown and one.team_id in teams]
    argv = [sys.executable, "-P", "-m", "blueprint.publish.job"]
    done = process.run([*argv, "--state", str(platform.state.root)], timeout_s=_TIMEOUT_S)
    if done.code != 0:
        raise BlueprintError(
            f"the site could not be made: {done.error_text[-1000:]}",
            hint="the site that was there before is unchanged",
        )
    mark_published(platform.database, taken_in, now)
    return Path(json.loads(done.stdout)["site"])
