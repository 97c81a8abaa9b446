"""Checks a challenge.yaml with all the data that it names: faults with their key, and a table."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from blueprint.config.faults import ConfigFaults, Fault
from blueprint.config.load import Reading, read_challenge
from blueprint.config.locate import KeyPath
from blueprint.config.model import Challenge, Split
from blueprint.data.check.case_files import CaseFiles, wanted_cases
from blueprint.data.check.findings import Finding, Findings
from blueprint.data.check.judge import CaseFault, judge
from blueprint.data.check.leaks import Guarded
from blueprint.data.check.releases import ReleaseCheck
from blueprint.data.check.report import (
    CaseReport,
    DataReport,
    FileReport,
    SplitReport,
)
from blueprint.data.check.twins import odd_about, shared_between
from blueprint.data.check.workers import Question, find_out_all
from blueprint.data.fact_cache import FactCache, cache_folders
from blueprint.state import StateFolder

_OF_CASES = re.compile(r"tasks\[\d+\]\.cases\b")
Progress = Callable[[int, int], None]
"""Called with how many files were opened and how many there are to open, a few times a second."""


@dataclass(frozen=True)
class Checked:
    """What a check came to."""

    reading: Reading | None
    """None where nothing could be read from challenge.yaml."""
    faults: tuple[Fault, ...]
    """In file order; those of the data stand at the key that names it."""
    data: DataReport | None = None
    """None where no data was opened."""

    @property
    def challenge(self) -> Challenge | None:
        """The challenge; None where the file is so wrong that it describes none."""
        return None if self.reading is None else self.reading.challenge

    def demand_good(self) -> Challenge:
        """Return the challenge.

        Raises:
            ConfigFaults: challenge.yaml or the data have faults; all of them are named.
        """
        if self.challenge is None or self.faults:
            raise ConfigFaults(self.faults)
        return self.challenge


def check_file(file: Path, *, base: Path | None = None) -> Checked:
    """Return what is wrong with a challenge.yaml and with its folders; no data is opened.

    Args:
        file: challenge.yaml.
        base: The folder that paths in the file are relative to; the file's own by default.

    Raises:
        InputError: There is no such file, or it cannot be read.
    """
    try:
        reading = read_challenge(file, base=base)
    except ConfigFaults as error:
        return Checked(None, error.faults)
    return Checked(reading, ConfigFaults(reading.faults).faults)


def check_data(
    checked: Checked,
    base: Path,
    state: StateFolder,
    *,
    progress: Progress = lambda _done, _of: None,
) -> Checked:
    """Return a check of the file with what is wrong with its data added.

    Every input and reference is opened, in several processes and in bounded memory. What was
    found is remembered by the file's content, so a second check reads nothing. Where the file
    describes no challenge nothing is opened.

    Args:
        checked: What `check_file` returned.
        base: The folder of challenge.yaml.
        state: The state folder, where findings are remembered once it is there.
        progress: Told how far it is.
    """
    reading, challenge = checked.reading, checked.challenge
    if reading is None or challenge is None:
        return checked
    wanted = list(wanted_cases(base, challenge))
    folders = cache_folders(state)
    known = Findings(FactCache(*folders))
    found, read = _find_out(base, wanted, known, folders, progress)
    splits, faults = _judge(reading, challenge, wanted, found)
    releases, more = ReleaseCheck(reading, base, Guarded(splits), known.digests).all(challenge)
    report = DataReport(tuple(splits), tuple(releases), len(found), read)
    return Checked(reading, ConfigFaults([*checked.faults, *faults, *more]).faults, report)


def without_absent(checked: Checked, base: Path) -> Checked:
    """Return a check without the faults of folders of cases that are not on this machine.

    For a platform whose evaluation hosts have the test data.

    Args:
        checked: What `check_file` or `check_data` returned.
        base: The folder of challenge.yaml.
    """
    absent = {
        f"tasks[{place}].cases.{split}"
        for place, task in enumerate(checked.challenge.tasks if checked.challenge else ())
        for split, folder in (("public", task.cases.public), ("private", task.cases.private))
        if folder is not None and not (base / folder).exists()
    }
    return replace(checked, faults=tuple(one for one in checked.faults if one.path not in absent))


def demand_good_cases(
    file: Path,
    base: Path,
    state: StateFolder,
    *,
    is_for_hosts: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> None:
    """Accept the test cases of a challenge, whatever else is wrong with its file and folders.

    Args:
        file: The challenge.yaml in force.
        base: The folder that paths in it are relative to.
        state: The state folder.
        is_for_hosts: Evaluation hosts have the cases, which need not be here.
        progress: Told how far it is.

    Raises:
        ConfigFaults: A case cannot be used; all that is wrong with them is named.
    """
    checked = check_data(check_file(file, base=base), base, state, progress=progress)
    if is_for_hosts:
        checked = without_absent(checked, base)
    faults = [fault for fault in checked.faults if _OF_CASES.match(fault.path)]
    if faults:
        raise ConfigFaults(faults)


def _find_out(
    base: Path,
    wanted: list[CaseFiles],
    known: Findings,
    folders: tuple[Path, ...],
    progress: Progress,
) -> tuple[dict[tuple[str, bool], Finding], int]:
    """Return the finding of every file (as a mask or not), and how many files were opened."""
    found: dict[tuple[str, bool], Finding] = {}
    unknown: dict[tuple[Path, bool], tuple[str, bool]] = {}
    for path, role, _ in (file for case in wanted for file in case.files):
        key = (path, role == "reference")
        finding = known.known(base / path, is_mask=key[1])
        if finding is None:
            unknown[base / path, key[1]] = key
        else:
            found[key] = finding
    questions = [Question(path, is_mask) for path, is_mask in unknown]
    answered = 0

    def tick() -> None:
        progress(answered, len(questions))

    with closing(find_out_all(questions, folders, tick=tick)) as findings:
        for question, finding in findings:
            found[unknown[question.path, question.is_mask]] = finding
            answered += 1
            tick()
    return found, answered


def _judge(
    reading: Reading,
    challenge: Challenge,
    wanted: list[CaseFiles],
    found: dict[tuple[str, bool], Finding],
) -> tuple[list[SplitReport], list[Fault]]:
    faults: list[Fault] = []
    splits: dict[tuple[str, Split], list[CaseReport]] = {}
    for case in wanted:
        files = tuple(
            FileReport(path, role, name, found[path, role == "reference"])
            for path, role, name in case.files
        )
        row, wrong = judge(case.case, case.task, files)
        splits.setdefault((case.task.id, case.split), []).append(row)
        faults += [_fault(reading, case.key, one) for one in wrong]
    reports = []
    for (task_id, split), rows in splits.items():
        task = challenge.task(task_id)
        reports.append(
            SplitReport(
                task=task_id,
                split=split,
                folder=str(getattr(task.cases, split)),
                label_names=dict(sorted(task.labels.items())),
                cases=tuple(rows),
                odd=tuple(odd_about(rows, task)),
            )
        )
    return _with_shared(reports), faults


def _with_shared(reports: list[SplitReport]) -> list[SplitReport]:
    extra: dict[tuple[str, Split], list[str]] = {}
    for report, sentence in shared_between(reports):
        extra.setdefault((report.task, report.split), []).append(sentence)
    return [
        replace(report, odd=(*report.odd, *extra.get((report.task, report.split), ())))
        for report in reports
    ]


def _fault(reading: Reading, key: KeyPath, wrong: CaseFault) -> Fault:
    fault = reading.document.fault(key, str(wrong), hint=wrong.hint, rule=wrong.rule)
    return replace(fault, value=wrong.path)
