"""The acts of the demonstration, in order; each takes the stage and tells its steps."""

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blueprint.adapters import process
from blueprint.demo.cast import ANNA, BEN, CHIDI, KMEANS, LEARNED, THRESHOLD, demo_submission
from blueprint.demo.organizer import Organizer, environment
from blueprint.demo.participant import Participant
from blueprint.demo.story import Story
from blueprint.demo.working_copy import Answer
from blueprint.errors import BlueprintError

_NUMBER = re.compile(r"submission (\d+)")


@dataclass(frozen=True)
class Stage:
    """Who and what an act needs."""

    story: Story
    organizer: Organizer
    people: dict[str, Participant]
    sftp_port: int


def register_everybody(stage: Stage) -> None:
    """Three people register, accept the agreement and are approved."""
    for person in stage.people.values():
        profile = person.profile
        told = f"{profile.name} registers, naming the new team {profile.team}, and opens the"
        with stage.story.step(f"{told} link in the mail"):
            _expect(person.register().status, 200, "registration")
            _expect(person.confirm().status, 200, "the link in the mail")
            _expect(person.accept("data-use").status, 200, "the agreement")
    with stage.story.step("the organizer approves all three: diychallenge people approve"):
        stage.organizer.command("people", "approve", *stage.people)


def download_everything(stage: Stage) -> None:
    """Each downloads the training release over SFTP and verifies it."""
    for person in stage.people.values():
        with stage.story.step("") as step:
            key = person.upload_ssh_key()
            got = person.download("training", stage.sftp_port, key)
            kib = got.size_bytes // 1024
            step.say(
                f"{person.profile.name} downloads the training release over SFTP:"
                f" {got.files} files, {kib} KiB, signature and checksums verified"
            )
    anna = stage.people[ANNA.username]
    with stage.story.step("Anna downloads the public test images, to predict at home"):
        anna.download("public-test", stage.sftp_port, anna.home / "id_ed25519")


def clone_everything(stage: Stage) -> None:
    """Each clones the team's repository with a token."""
    with stage.story.step("each makes a git token and clones the team's repository over HTTP"):
        for person in stage.people.values():
            person.clone()


def threshold_lab(stage: Stage) -> None:
    """Anna's team: a threshold, a crash, predictions from home, and one push too many."""
    anna = stage.people[ANNA.username]
    _accepted(stage, anna, THRESHOLD, "a fixed threshold", "1", ends="published")
    _accepted(stage, anna, demo_submission("crash"), "code that crashes", "2", ends="failed")
    with stage.story.step("Anna computes Otsu's thresholds at home"):
        folder = _predictions(anna)
    _accepted(stage, anna, folder, "her predictions", "3", ends="published")
    with stage.story.step("Anna pushes once more, beyond the daily limit: refused") as step:
        answer = anna.submit(THRESHOLD, "one more try", "4")
        _refused(answer, "limit")
        step.quote(*answer.lines)


def cluster_collective(stage: Stage) -> None:
    """Ben's team: a malformed push, k-means, the same commit again, and a branch."""
    ben = stage.people[BEN.username]
    with stage.story.step("Ben pushes a malformed submission: refused, no try used") as step:
        answer = ben.submit(demo_submission("malformed"), "first try", "1")
        _refused(answer, "submission.yaml")
        step.quote(*answer.lines)
    first = _accepted(stage, ben, KMEANS, "k-means", "1", ends="published")
    with stage.story.step("Ben tags the same commit again: the first receipt answers") as step:
        again = ben.copy.push_tag("again")
        if f"accepted before: brain-tissue/preliminary, submission {first}" not in again.text:
            raise BlueprintError(f"the first receipt was expected: {again.text}")
        step.quote(*again.lines)
    with stage.story.step("Ben pushes a plain branch: stored, and told how to submit") as step:
        answer = ben.copy.push_branch()
        _expect(answer.accepted, True, "the branch")
        step.quote(*answer.lines)


def gaussian_gardeners(stage: Stage) -> None:
    """Chidi's team learns from the training release."""
    chidi = stage.people[CHIDI.username]
    with stage.story.step("Chidi trains a discriminant analysis on the training release"):
        folder = chidi.home / "method"
        shutil.copytree(LEARNED, folder)
        _at_home([str(folder / "train.py"), str(chidi.home / "training")])
    number = _accepted(stage, chidi, folder, "what was learned", "1", ends="published")
    with stage.story.step("Chidi proves the receipt offline: diychallenge receipt verify") as step:
        receipt, key = chidi.keep_receipt(number)
        said = stage.organizer.command("receipt", "verify", str(receipt), "--key", str(key))
        step.quote(*said.splitlines())


def _accepted(
    stage: Stage, person: Participant, source: Path, what: str, name: str, *, ends: str
) -> int:
    first = person.profile.name.split()[0]
    with stage.story.step(f"{first} pushes {what}: accepted") as step:
        answer = person.submit(source, what, name)
        found = _NUMBER.search(answer.text)
        if not answer.accepted or not found or "accepted: " not in answer.text:
            raise BlueprintError(f"the push of {what} was not accepted: {answer.text}")
        step.quote(*answer.lines)
    number = int(found[1])
    with stage.story.step("") as step:
        state = person.await_verdict(number)
        _expect(state["state"], ends, f"submission {number} ({state.get('fault_message')})")
        step.say(f"submission {number}: {ends}")
        if ends == "failed":
            step.say(f"submission {number}: failed by the {state['fault_class']}'s fault")
            step.quote(*str(state["fault_message"]).splitlines())
    return number


def _predictions(anna: Participant) -> Path:
    source, folder = demo_submission("otsu"), anna.home / "from-home"
    folder.mkdir()
    shutil.copy(source / "submission.yaml", folder)
    images = anna.home / "public-test"
    _at_home([str(source / "make.py"), str(images), str(folder / "predictions")])
    return folder


def _at_home(argv: list[str]) -> None:
    done = process.run([sys.executable, *argv], env=environment(), timeout_s=60)
    if done.code != 0:
        raise BlueprintError(f"{argv[0]} failed: {done.stderr.decode('utf-8', 'replace')}")


def _refused(answer: Answer, reason: str) -> None:
    if answer.accepted or reason not in answer.text:
        raise BlueprintError(f"a refusal that names {reason!r} was expected: {answer.text}")


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise BlueprintError(f"{what}: {wanted} was expected, not {found}")


IN_ORDER: tuple[Callable[[Stage], None], ...] = (
    register_everybody,
    download_everything,
    clone_everything,
    threshold_lab,
    cluster_collective,
    gaussian_gardeners,
)
