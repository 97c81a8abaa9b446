"""Prints what a check of the data found: a table of cases, and what is odd about them."""

from typing import TYPE_CHECKING, Any

from cli import output

if TYPE_CHECKING:
    from blueprint.data.check.report import CaseReport, DataReport, FileReport, SplitReport

_MOST_CASES = 200
_MOST_COLUMNS = 6
_MOST_ODD = 50


def say(report: "DataReport") -> None:
    """Print the tables for a person."""
    for split in report.splits:
        output.say()
        output.say(f"{split.task}, {split.split} cases in {split.folder}: {len(split.cases)}")
        _table(split)
    for release in report.releases:
        output.say()
        output.say(
            f"release {release.id}: {release.files} files, {release.size_bytes / 2**20:.1f} MiB"
        )
    _say_odd(report)
    again = report.files - report.read
    output.say()
    output.say(
        f"{report.files} files of test cases are good"
        + (f"; {again} of them were not touched since they were last opened" if again else "")
    )


def as_json(report: "DataReport") -> dict[str, Any]:
    """Return everything that was found, as JSON values."""
    return {
        "files": report.files,
        "read": report.read,
        "splits": [
            {
                "task": split.task,
                "split": split.split,
                "folder": split.folder,
                "odd": split.odd,
                "cases": [_case_json(case) for case in split.cases],
            }
            for split in report.splits
        ],
        "releases": report.releases,
    }


def _table(split: "SplitReport") -> None:
    names = split.label_names
    wide = len(names) <= _MOST_COLUMNS
    labels = [f"{value} {name}" for value, name in names.items()] if wide else ["labels", "voxels"]
    has_ignored = any(case.ignored_voxels for case in split.cases)
    columns = ["case", "shape", "spacing (mm)", *labels, *(["ignored"] if has_ignored else []),
               "odd"]  # fmt: skip
    rows = []
    for case in split.cases[:_MOST_CASES]:
        cells: list[object] = [
            case.id,
            " x ".join(map(str, case.shape or ())),
            " x ".join(f"{side:.3g}" for side in case.spacing_mm or ()),
            *_label_cells(case, len(labels), wide=wide),
        ]
        if has_ignored:
            cells.append(case.ignored_voxels)
        rows.append([*cells, "; ".join((*case.odd, *(["fault"] if case.faults else [])))])
    output.table(columns, rows, empty="no cases")
    if len(split.cases) > _MOST_CASES:
        output.say(f"... and {len(split.cases) - _MOST_CASES} more: --json has all")


def _label_cells(case: "CaseReport", count: int, *, wide: bool) -> list[object]:
    if case.labels is None:
        return [None] * count
    if wide:
        return list(case.labels.values())
    present = sum(1 for voxels in case.labels.values() if voxels)
    return [f"{present} of {len(case.labels)}", sum(case.labels.values())]


def _say_odd(report: "DataReport") -> None:
    if not report.odd:
        return
    output.say()
    output.say("Odd, and worth a look (it is not refused):")
    for sentence in report.odd[:_MOST_ODD]:
        output.say(f"  {sentence}")
    if len(report.odd) > _MOST_ODD:
        output.say(f"  ... and {len(report.odd) - _MOST_ODD} more: --json has all")


def _case_json(case: "CaseReport") -> dict[str, Any]:
    return {
        "id": case.id,
        "shape": case.shape,
        "spacing_mm": case.spacing_mm,
        "label_voxels": case.labels,
        "ignored_voxels": case.ignored_voxels,
        "odd": case.odd,
        "faults": case.faults,
        "files": [_file_json(file) for file in case.files],
    }


def _file_json(file: "FileReport") -> dict[str, Any]:
    digest, facts = file.finding.digest, file.finding.facts
    return {
        "path": file.path,
        "role": file.role,
        "name": file.name,
        "sha256": digest and digest.sha256,
        "size_bytes": digest and digest.size_bytes,
        "refusal": file.finding.refusal or None,
        "volume": facts,
    }
