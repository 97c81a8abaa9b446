"""The whole walk: a challenge is made, deployed, taken part in, ranked and published."""

import json
import shutil
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from blueprint.clock import monotonic_s
from blueprint.demo import acts
from blueprint.demo.cast import CAST
from blueprint.demo.organizer import Organizer, free_ports
from blueprint.demo.participant import Participant
from blueprint.demo.story import Report, Story
from blueprint.deploy.locate import state_of
from blueprint.errors import BlueprintError, InputError

Boards = dict[str, list[dict[str, object]]]
"""The rows of the open phase (`leaderboard`), and what each phase says of itself (`phases`)."""

_MARKER = ".diychallenge-demo"
_FILES = ("leaderboard.html", "leaderboard.json", "leaderboard.csv")


@dataclass(frozen=True)
class Summary:
    """What the walk came to; also written as summary.json."""

    folder: str
    seconds: float
    leaderboard: list[dict[str, object]]
    phases: list[dict[str, object]]
    steps: list[dict[str, object]]
    running: bool
    base_url: str
    sftp: str


def run_demo(folder: Path, *, keep: bool, report: Report) -> Summary:
    """Take the whole walk in `folder`, replacing an earlier one, and return how it went.

    Args:
        folder: Made by the demonstration; replaced only when an earlier one made it.
        keep: Leave the platform running.
        report: Called with each step when it has ended.

    Raises:
        InputError: The folder holds something that no demonstration made.
        BlueprintError: A step did not go as it must; the platform is stopped then too.
    """
    start = monotonic_s()
    folder = folder.resolve()
    replace_folder(folder)
    story = Story(report)
    organizer = Organizer(folder / "challenge")
    http_port, sftp_port = free_ports(2)
    base_url = f"http://127.0.0.1:{http_port}"
    try:
        _set_up(story, organizer, http_port, sftp_port)
        _take_part(story, organizer, base_url, sftp_port)
        board = _publish(story, organizer, folder)
    except BaseException:
        _stop(organizer)
        raise
    if not keep:
        with story.step("the platform is stopped: diychallenge down"):
            organizer.command("down")
    summary = Summary(
        folder=folder.name,
        seconds=round(monotonic_s() - start, 1),
        leaderboard=board["leaderboard"],
        phases=board["phases"],
        steps=[asdict(step) for step in story.steps],
        running=keep,
        base_url=base_url,
        sftp=f"127.0.0.1:{sftp_port}",
    )
    text = json.dumps(asdict(summary), indent=2) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")
    return summary


def replace_folder(folder: Path) -> None:
    """Make `folder` an empty place for the walk, ending and removing an earlier demonstration.

    Raises:
        InputError: It holds something that no demonstration made.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARKER).is_file():
            raise InputError(
                f"{folder}: exists, and no demonstration made it",
                hint="name another folder: diychallenge demo --folder FOLDER",
            )
        _stop(Organizer(folder / "challenge"))
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARKER).touch()


def _set_up(story: Story, organizer: Organizer, http_port: int, sftp_port: int) -> None:
    with story.step("a challenge is made from challenge.example.yaml: diychallenge init"):
        Organizer(organizer.folder.parent).command(
            "init", organizer.folder.name, "--yes",
            "--id", "brain-tissue", "--title", "Brain tissue segmentation",
            "--http-port", str(http_port), "--sftp-port", str(sftp_port),
        )  # fmt: skip
    with story.step("every line of it is checked: diychallenge check"):
        organizer.command("check")
    with story.step("") as step:
        organizer.command("deploy")
        step.say(f"the platform is up at http://127.0.0.1:{http_port}: diychallenge deploy")


def _take_part(story: Story, organizer: Organizer, base_url: str, sftp_port: int) -> None:
    homes = organizer.folder.parent / "people"
    outbox = state_of(organizer.folder / "challenge.yaml").outbox
    with ExitStack() as stack:
        people = {
            profile.username: stack.enter_context(
                Participant(profile, base_url, homes / profile.username, outbox)
            )
            for profile in CAST
        }
        stage = acts.Stage(story, organizer, people, sftp_port)
        for act in acts.IN_ORDER:
            act(stage)


def _publish(story: Story, organizer: Organizer, folder: Path) -> Boards:
    with story.step("the leaderboard is published: diychallenge leaderboard publish"):
        organizer.command("leaderboard", "publish")
        document = organizer.ask("leaderboard", "show")
        state = organizer.ask("status")
        shutil.copytree(Path(str(state["site"])), folder / "site")
        missing = [name for name in _FILES if not (folder / "site" / name).is_file()]
        if missing:
            raise BlueprintError(f"the site has no {', '.join(missing)}")
    return read_board(document)


def read_board(document: dict[str, object]) -> Boards:
    """Return the open phase's rows and what every phase says of itself."""
    boards = document["boards"]
    if not isinstance(boards, list) or not boards:
        raise BlueprintError("the leaderboard has no phases")
    phases = [{key: board[key] for key in ("phase", "status", "visible")} for board in boards]
    return {"leaderboard": boards[0]["rows"], "phases": phases}


def _stop(organizer: Organizer) -> None:
    if (organizer.folder / "challenge.yaml").is_file():
        try:
            organizer.command("down")
        except BlueprintError:
            # It was not running, or its folder is half made: there is nothing to stop.
            return
