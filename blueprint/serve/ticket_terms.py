"""What a ticket says of a submission, its task and its phase, in the words of challenge.yaml."""

from typing import Any

from blueprint.config.model import Phase, Task
from blueprint.desk.ticket import PhaseTerms, RunLimits, TaskTerms
from blueprint.ledger.submissions import Submission

_SEED_DIGITS = 8


def of_submission(submission: Submission, phase: Phase) -> dict[str, Any]:
    """Return what a ticket says of a submission, whatever is to be done."""
    return {
        "commit": submission.commit_sha,
        "kind": "predictions" if submission.kind == "predictions" else "code",
        "run": tuple(submission.manifest.get("run") or ()),
        "seed": int(submission.commit_sha[:_SEED_DIGITS], 16),
        "phase": phase_terms(phase),
    }


def task_terms(task: Task) -> TaskTerms:
    """Return what an evaluator is told of a task."""
    return TaskTerms(
        id=task.id,
        inputs=tuple(task.inputs),
        output=task.output,
        problem=task.problem,
        labels=tuple(sorted(task.labels)),
        measures=task.measures,
        ignore=task.ignore,
    )


def phase_terms(phase: Phase) -> PhaseTerms:
    """Return what an evaluator is told of a phase."""
    resources = phase.resources
    return PhaseTerms(
        id=phase.id,
        split=phase.cases,
        contract=phase.contract,
        canary_cases=phase.canary_cases,
        resources=RunLimits(
            cpus=resources.cpus,
            memory_mib=resources.memory_mib,
            time_s=resources.time_s,
            output_mib=resources.output_mib,
            gpus=resources.gpus,
            shm_mib=resources.shm_mib,
        ),
        logs=phase.feedback.logs,
    )
