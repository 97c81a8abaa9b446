"""Judges whether a commit has the files that its kind needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from blueprint.config.faults import Fault
from blueprint.config.locate import Document
from blueprint.config.model import Phase
from blueprint.config.suggest import did_you_mean
from blueprint.contracts.port import Claimed, Contract
from blueprint.evaluations.sets import case_ids_in_force
from blueprint.intake.listing import Files, fault_at
from blueprint.platform import Platform

FOLDER = "predictions"
_SUFFIX = ".nii.gz"
_MAX_NAMED = 3


@dataclass
class Contents:
    """What was found: faults, and remarks that the accepted push repeats."""

    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def judge_code(document: Document, files: Files | None, contract: Contract) -> Contents:
    """Say whether the contract takes the command, and the program that it starts is there.

    Args:
        document: submission.yaml.
        files: The commit's files; None when they are not in order.
        contract: That of the phase.
    """
    found = Contents()
    run = document.at(("run",))
    claimed = Claimed(run if isinstance(run, list) else (), files.sizes if files else None)
    for misfit in contract.check(claimed):
        said = document.fault(misfit.key, misfit.problem, hint=misfit.hint, value=misfit.value)
        found.faults.append(said)
    dockerfile = "; the Dockerfile is ignored" if files and "Dockerfile" in files else ""
    found.remarks.append(
        "it runs in the process sandbox, with Python's standard library, numpy, scipy and"
        f" nibabel{dockerfile}"
    )
    return found


def judge_predictions(platform: Platform, phase: Phase, files: Files) -> Contents:
    """Say whether `predictions/<case>/<output>.nii.gz` is there for the phase's cases."""
    task = platform.challenge.task(phase.task)
    name = f"{task.output}{_SUFFIX}"
    cases, given = case_ids(platform, phase), files.below(FOLDER)
    found = Contents()
    if not given:
        hint = f"write {FOLDER}/<case>/{name} for each case, and commit them"
        found.faults.append(fault_at(FOLDER, "there is no such folder, or it is empty", hint))
        return found
    # Names of hidden cases are not given away, not even as a suggestion.
    known = cases if phase.cases == "public" else []
    predicted = []
    for path in given:
        case, _, file = path.partition("/")
        if file != name:
            problem = f"expected is {FOLDER}/<case>/{name}, and nothing else there"
            found.faults.append(fault_at(f"{FOLDER}/{path}", problem, f"rename it to {name}"))
        elif cases and case not in cases:
            problem = f"{case} is no case of phase {phase.id}{did_you_mean(case, known)}"
            hint = "name each folder as the case is named in the test data"
            found.faults.append(fault_at(f"{FOLDER}/{path}", problem, hint))
        else:
            predicted.append(case)
    found.remarks.append(_coverage(predicted, cases, is_public=phase.cases == "public"))
    return found


def case_ids(platform: Platform, phase: Phase) -> list[str]:
    """Return the names of a phase's cases as they were put in force; none before that.

    The folders are never listed here: where they are private, the evaluator alone has them.
    """
    with platform.database.read() as connection:
        frozen = case_ids_in_force(connection, phase.task, phase.cases)
    return list(frozen or ())


def _coverage(predicted: Sequence[str], cases: Sequence[str], *, is_public: bool) -> str:
    missing = sorted(set(cases) - set(predicted))
    count = f"{len(predicted)} of {len(cases)} cases have a prediction" if cases else "predictions"
    if not missing:
        return count
    more = f" and {len(missing) - _MAX_NAMED} more" if len(missing) > _MAX_NAMED else ""
    named = f" ({', '.join(missing[:_MAX_NAMED])}{more})" if is_public else ""
    return f"{count}; each that is missing{named} gets the worst score"
