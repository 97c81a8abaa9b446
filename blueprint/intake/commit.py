"""Judges the commit of a new submission tag: its files, its submission.yaml, and how they fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blueprint.config.faults import Fault
from blueprint.config.model import Phase
from blueprint.contracts.registry import contract_of
from blueprint.intake import contents
from blueprint.intake.hook_protocol import TagReport
from blueprint.intake.listing import fault_at, judge_listing
from blueprint.intake.refs import short
from blueprint.intake.submission_yaml import FILE, SubmissionFile, read_submission
from blueprint.intake.target import find_target
from blueprint.platform import Platform


@dataclass(frozen=True)
class GoodCommit:
    """A commit that is in order, and the phase that it is for."""

    phase: Phase
    file: SubmissionFile
    remarks: Sequence[str]
    """What the participant should know, a line each."""


def judge_commit(platform: Platform, tag: TagReport, now: datetime) -> GoodCommit | list[Fault]:
    """Return the commit of a new submission tag judged, or everything that is wrong with it."""
    if tag.commit is None:
        problem = "the tag does not lead to a commit"
        return [fault_at(short(tag.ref), problem, "tag a commit: git tag NAME COMMIT")]
    files, faults = judge_listing(tag.listing, is_complete=tag.listing_complete)
    if any(fault.file == FILE for fault in faults):
        return faults  # git would give a link's target as its content: that is no submission.yaml
    manifest = read_submission(tag.manifest, is_complete=tag.manifest_complete)
    target = find_target(manifest, platform.challenge, now)
    found = contents.Contents()
    kind = manifest.document.at(("kind",))
    if kind == "code":
        phase = target.phase or platform.challenge.phases[0]
        contract = contract_of(phase.contract)
        found = contents.judge_code(manifest.document, None if faults else files, contract)
    elif kind == "predictions" and target.phase is not None and not faults:
        found = contents.judge_predictions(platform, target.phase, files)
    in_file = [*manifest.faults, *target.faults]
    in_file += [fault for fault in found.faults if fault.file == FILE]
    others = [fault for fault in found.faults if fault.file != FILE]
    in_file.sort(key=lambda fault: (fault.line, fault.column))
    everything = [*in_file, *faults, *others]
    if everything or target.phase is None or manifest.content is None:
        return everything
    return GoodCommit(target.phase, manifest.content, found.remarks)
