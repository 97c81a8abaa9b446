"""The native contract: a Python command, /input with cases.json, /output/<case>/<output>.nii.gz."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from blueprint.config.case_layout import file_name
from blueprint.config.suggest import did_you_mean
from blueprint.contracts.case import Case
from blueprint.contracts.job import Job, Limits
from blueprint.contracts.port import Claimed, Folders, Misfit
from blueprint.desk.ticket import TaskTerms, Ticket

_INTERPRETERS = ("python", "python3")


class NativeContract:
    """What this project's own submissions are."""

    name = "native"

    def check(self, submission: Claimed) -> Iterator[Misfit]:
        """Yield a command that is not Python's, or a program that is not there."""
        run = submission.run
        if run and run[0] not in _INTERPRETERS:
            problem = "the command must begin with python: nothing else is installed where it runs"
            yield Misfit(("run", 0), problem, "write `run: [python, predict.py]`", run[0])
        program = _program(run)
        if program is not None and submission.files is not None:
            index, path = program
            if path not in submission.files:
                known = did_you_mean(path, list(submission.files))
                problem = f"there is no file {path} in the repository{known}"
                hint = "name the program as it lies in the repository, and commit it"
                yield Misfit(("run", index), problem, hint, path)

    def lay_out(self, cases: Sequence[Case], folder: Path) -> None:
        """Copy the inputs, a folder a case, and list them in cases.json."""
        for case in cases:
            (folder / case.id).mkdir()
            for name, file in case.inputs.items():
                shutil.copyfile(file, folder / case.id / file_name(name))
        (folder / "cases.json").write_text(cases_json(cases), encoding="utf-8")

    def prepare(self, ticket: Ticket, run: str, folders: Folders) -> Job:
        """Return the command in the native root, with the seed in its environment."""
        resources = ticket.phase.resources
        return Job(
            name=f"{ticket.submission_id}-{ticket.hold.attempt}-{run}",
            argv=ticket.run,
            code=folders.code,
            inputs=folders.inputs,
            output=folders.output,
            limits=Limits(
                cpus=resources.cpus,
                memory_mib=resources.memory_mib,
                time_s=resources.time_s,
                output_mib=resources.output_mib,
            ),
            nonce=ticket.hold.nonce,
            environment={"DIYCHALLENGE_SEED": str(ticket.seed)},
            gpus=resources.gpus,
            shared_memory_mib=resources.shm_mib,
        )

    def collect(self, task: TaskTerms, cases: Sequence[Case]) -> Mapping[str, str]:
        """Return `<case>/<output>.nii.gz` for every case."""
        return {case.id: f"{case.id}/{file_name(task.output)}" for case in cases}


def cases_json(cases: Sequence[Case]) -> str:
    """Return /input/cases.json: every case with the paths of its files below /input."""
    listed = [
        {"id": case.id, "files": {name: f"{case.id}/{file_name(name)}" for name in case.inputs}}
        for case in cases
    ]
    return json.dumps(listed, indent=1) + "\n"


def _program(run: Sequence[object]) -> tuple[int, str] | None:
    """Return the place and path of the script in `run`; None where there is none to look for."""
    for index, word in enumerate(run):
        if index == 0 or not isinstance(word, str):
            continue
        if word in ("-m", "-c", "-"):
            return None
        if not word.startswith("-"):
            return index, word.removeprefix("./").removeprefix("/code/")
    return None
