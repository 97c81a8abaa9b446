"""Reads submission.yaml: what a commit says it is."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from blueprint.config.faults import ConfigFaults, Fault
from blueprint.config.locate import Document
from blueprint.config.model import Kind
from blueprint.config.model.base import Line, Section, Slug
from blueprint.config.validate import fit
from blueprint.config.vocabulary import Later, Pattern, Vocabulary
from blueprint.config.yaml_reader import YamlLimits, parse_yaml
from blueprint.intake.listing import fault_at

FILE = "submission.yaml"
LIMITS = YamlLimits(max_bytes=64 * 1024, max_depth=8, max_nodes=500)
EXAMPLE = "version: 1, task, kind and, for code, run: [python, predict.py]"


class SubmissionFile(Section):
    """The whole of submission.yaml."""

    version: Literal[1]
    task: Slug
    phase: Slug | None = None
    """None: the task's only open phase, where that takes several tries on public cases."""
    kind: Kind
    run: Annotated[tuple[Line, ...], Field(min_length=1, max_length=32)] | None = None
    """The command, for code alone."""
    description: Annotated[str, Field(max_length=500)] | None = None


_HELP = {
    "version": "write `version: 1`",
    "task": "name the task as the challenge does, such as `task: tissue`",
    "phase": "name the phase as the challenge does, such as `phase: preliminary`",
    "kind": "write `kind: code` or `kind: predictions`",
    "run": "write `run: [python, predict.py]`",
    "description": "one or two sentences in quotes",
}


def _help(pattern: Pattern) -> str:
    return _HELP.get(pattern[0] if pattern else "", f"a submission.yaml says {EXAMPLE}")


_VOCABULARY = Vocabulary(
    SubmissionFile,
    _help,
    later_keys={
        ("image",): Later("leave it out; use `kind: code` or `kind: predictions`"),
        ("weights",): Later("leave it out, and commit the weights with the code"),
    },
    later_values={("kind",): {"image": Later("use `kind: code` or `kind: predictions`")}},
)


@dataclass(frozen=True)
class Manifest:
    """submission.yaml as far as it could be read: its places, and its content when all is well."""

    document: Document
    content: SubmissionFile | None
    faults: tuple[Fault, ...]


def read_submission(data: bytes | None, *, is_complete: bool = True) -> Manifest:
    """Return submission.yaml with everything that is wrong with it in itself.

    Args:
        data: Its bytes; None when the commit has no such file.
        is_complete: False when only its beginning is known, as it is too large.
    """
    if data is None:
        problem = "there is no such file at the top of the repository"
        return _unread(fault_at(FILE, problem, f"add one: {EXAMPLE}"))
    if not is_complete or len(data) > LIMITS.max_bytes:
        problem = f"the file is larger than {LIMITS.max_bytes // 1024} KiB"
        return _unread(fault_at(FILE, problem, f"it only says {EXAMPLE}"))
    if not data.strip():
        return _unread(fault_at(FILE, "the file is empty", f"write {EXAMPLE}"))
    try:
        document, faults = parse_yaml(data, file=FILE, limits=LIMITS)
    except ConfigFaults as error:
        return _unread(*error.faults)
    content, misfits = fit(document, SubmissionFile, vocabulary=_VOCABULARY)
    faults = [*faults, *misfits, *_judge_run(document)]
    ordered = sorted(faults, key=lambda fault: (fault.line, fault.column))
    return Manifest(document, None if faults else content, tuple(ordered))


def _judge_run(document: Document) -> list[Fault]:
    kind, run = document.at(("kind",)), document.at(("run",))
    if kind == "code" and run is None:
        problem = "this key is missing: code needs the command that runs it"
        hint = "add `run: [python, predict.py]`"
        return [document.fault(("run",), problem, hint=hint, rule="required", inside=True)]
    if kind == "predictions" and run is not None:
        problem = "predictions are not run: this key belongs to `kind: code`"
        return [document.fault(("run",), problem, hint="leave it out")]
    return []


def _unread(*faults: Fault) -> Manifest:
    return Manifest(Document(FILE, "", None, {}, {}), None, faults)
