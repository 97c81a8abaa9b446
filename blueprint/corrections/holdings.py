"""What the test data of a deployment are now, and from where that is known."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from blueprint.clock import Clock, to_text
from blueprint.config.model import Challenge, Split, Task
from blueprint.data.fact_cache import open_cache
from blueprint.data.file_digests import FileDigests
from blueprint.database.schema import datasets
from blueprint.errors import InputError
from blueprint.evaluate.holdings import take_dataset
from blueprint.evaluate.store import CasesError
from blueprint.evaluations.datasets import Dataset
from blueprint.evaluations.hand_over import HandedOver, read_hand_over, written
from blueprint.evaluations.sets import dataset_of, sets_in_force
from blueprint.files import write_whole
from blueprint.platform import Platform
from blueprint.serve.runner_address import noted_runner
from blueprint.serve.ticket_terms import task_terms
from blueprint.serve.workshop import store_of
from blueprint.state import StateFolder


@dataclass(frozen=True)
class Known:
    """What the files of a split hold."""

    dataset: Dataset | None
    """None where that cannot be told."""
    problem: str
    """Why not."""
    source: str
    """From where it is known, for people."""


class Holdings:
    """The test data of one deployment, as they are known now. Safe for threads.

    What was handed over as a file comes first, then the files themselves. Where they are not on
    this machine, as evaluation hosts alone have them, they are taken to be those in force: each
    host compares its own with these before it evaluates.
    """

    def __init__(
        self,
        platform: Platform,
        challenge: Challenge,
        *,
        anew: bool = False,
        is_for_hosts: bool | None = None,
    ) -> None:
        """Open the checksums of a deployment.

        Args:
            platform: The deployment.
            challenge: Names the folders.
            anew: Read every file, whatever is known of it (see `data.file_digests` for what a
                look at a file's times cannot see).
            is_for_hosts: Evaluation hosts evaluate, so that data need not be here; by default
                as the platform was started last.
        """
        self._platform = replace(platform, challenge=challenge)
        self._store = store_of(challenge, platform.project, platform.state)
        self._digests = FileDigests(open_cache(platform.state), platform.clock, anew=anew)
        self._handed_over = kept_hand_over(platform.state)
        here = noted_runner(platform.state) is not None if is_for_hosts is None else is_for_hosts
        self._is_for_hosts = here

    def take(self, task: Task, split: Split) -> Known:
        """Return what the files of a split hold now, or why that cannot be told."""
        handed = self._handed_over
        if handed is not None and (task.id, split) in handed.datasets:
            source = f"a file of {to_text(handed.made_at)} that was handed over"
            return Known(handed.datasets[task.id, split], "", source)
        try:
            found = take_dataset(self._store, self._digests, task_terms(task), split)
            return Known(found, "", "the files here")
        except CasesError as error:
            if self._is_for_hosts and is_away(self._platform.project, task, split):
                in_force = self._in_force(task, split)
                if in_force is not None:
                    return in_force
            return Known(None, str(error), "")

    def _in_force(self, task: Task, split: Split) -> Known | None:
        with self._platform.database.read() as connection:
            found = sets_in_force(connection).get((task.id, split))
            if found is None:
                return None
            digest = found.terms.dataset_digest
            taken_at: datetime = connection.execute(
                datasets.select().where(datasets.c.digest == digest)
            ).one().taken_at  # fmt: skip
            source = f"what was taken in force, read {to_text(taken_at)}: the files are not here"
            return Known(dataset_of(connection, digest), "", source)


def is_away(project: Path, task: Task, split: Split) -> bool:
    """Tell whether the folder of a split is not on this machine."""
    folder = task.cases.public if split == "public" else task.cases.private
    return folder is not None and not (project / folder).exists()


def describe(
    challenge: Challenge,
    project: Path,
    state: StateFolder,
    places: Iterable[tuple[Task, Split]],
    clock: Clock,
) -> bytes:
    """Return the file that says what the test data here hold, to be handed over.

    Raises:
        InputError: Data cannot be read.
    """
    store, digests = store_of(challenge, project, state), FileDigests(open_cache(state), clock)
    try:
        found = [take_dataset(store, digests, task_terms(task), split) for task, split in places]
    except CasesError as error:
        raise InputError(str(error), hint="`diychallenge check` names all that is wrong") from None
    return written(challenge.challenge.id, found, clock())


def keep_hand_over(state: StateFolder, challenge: Challenge, file: Path) -> HandedOver:
    """Keep a file that says what the test data hold; from now on it is believed.

    Raises:
        InputError: It is none, or one of another challenge.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    found = read_hand_over(data, name=str(file))
    found.demand_fitting(challenge, name=str(file))
    write_whole(state.datasets, data)
    return found


def kept_hand_over(state: StateFolder) -> HandedOver | None:
    """Return what was handed over last; None where nothing was."""
    try:
        data = state.datasets.read_bytes()
    except FileNotFoundError:
        return None
    return read_hand_over(data, name=str(state.datasets))


def drop_hand_over(state: StateFolder) -> None:
    """Believe the files here again."""
    state.datasets.unlink(missing_ok=True)
