"""Good data is listed, odd data is named and not refused, and nothing is read twice."""

import gzip
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blueprint.data.check.findings import Findings
from blueprint.data.check.job import find_out
from blueprint.data.check.run import Checked, check_data, check_file
from blueprint.data.fact_cache import FactCache
from blueprint.images.facts import VolumeFacts
from blueprint.state import StateFolder
from tests.unit.data.check.project import (
    AFFINE,
    SHAPE,
    YAML,
    image,
    labels,
    make_project,
    packed,
)


def check(project: Path, state: Path | None = None) -> Checked:
    file = project / "challenge.yaml"
    return check_data(check_file(file), project, StateFolder(state or project / "state"))


def report_of(checked: Checked) -> Any:
    assert checked.faults == ()
    assert checked.data is not None
    return checked.data


def data_of(project: Path) -> Path:
    return project / "data/test-public"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project").parent


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "diychallenge"


def settle(project: Path) -> None:
    """Wait until no file counts as touched just now."""
    newest = max(path.stat().st_ctime for path in project.rglob("*"))
    time.sleep(max(0.0, newest + 2.05 - time.time()))


def test_the_table_has_every_case_as_it_was_made(project: Path):
    report = report_of(check(project))

    (split,) = report.splits
    assert (split.task, split.split, split.folder) == ("tissue", "public", "data/test-public")
    assert [case.id for case in split.cases] == ["case-1", "case-2", "case-3"]
    assert {case.shape for case in split.cases} == {SHAPE}
    assert {case.spacing_mm for case in split.cases} == {(1.0, 1.0, 2.0)}
    # Two blocks of 2 x 2 x 2 voxels, and two single voxels: 1 1, 2 1 and 1 2.
    assert [case.labels for case in split.cases] == [{1: 10, 2: 8}, {1: 9, 2: 9}, {1: 9, 2: 9}]
    assert report.odd == ()
    facts = split.cases[1].files[0].finding.facts
    assert (facts.minimum, facts.maximum, facts.type) == (2000, 2119, "int16")


def test_what_a_reference_ignores_is_counted_and_no_fault(project: Path):
    mask = labels()
    mask[5, :2, 0] = 255
    (data_of(project) / "reference/case-1/mask.nii.gz").write_bytes(packed(mask))

    case = report_of(check(project)).splits[0].cases[0]

    assert (case.ignored_voxels, case.labels, case.odd) == (2, {1: 8, 2: 8}, ())


def odd_of(project: Path, path: str, content: bytes) -> tuple[str, ...]:
    (data_of(project) / path).write_bytes(content)
    odd: tuple[str, ...] = report_of(check(project)).odd
    return odd


def test_a_reference_without_any_label_is_odd(project: Path):
    empty = packed(np.zeros(SHAPE, dtype="u1"))

    assert odd_of(project, "reference/case-2/mask.nii.gz", empty) == (
        "tissue, public: case case-2: the reference has no label at all",
    )


def test_a_reference_of_ignored_values_alone_is_odd(project: Path):
    ignored = packed(np.full(SHAPE, 255, dtype="u1"))

    assert odd_of(project, "reference/case-2/mask.nii.gz", ignored) == (
        "tissue, public: case case-2: the reference holds ignored values and background alone",
    )


def test_a_label_that_no_reference_has_is_odd(tmp_path: Path):
    text = YAML.replace("2: white}", "2: white, 3: fluid}")
    project = make_project(tmp_path, text=text).parent

    assert report_of(check(project)).odd == (
        "tissue, public: label 3 (fluid) occurs in no reference",
    )


def test_values_of_an_input_that_are_no_numbers_are_odd(project: Path):
    data = image(1).astype("f4")
    data[0, 0, :3] = np.nan
    data[1, 0, 0] = -np.inf

    assert odd_of(project, "inputs/case-3/t2.nii.gz", packed(data)) == (
        "tissue, public: case case-3: t2 holds NaN in 3 voxels of 120",
        "tissue, public: case case-3: t2 holds infinite values in 1 voxel of 120",
    )


def test_an_input_that_is_the_same_everywhere_is_odd(project: Path):
    assert odd_of(project, "inputs/case-3/t1.nii.gz", packed(np.full(SHAPE, 7, dtype="i2"))) == (
        "tissue, public: case case-3: t1 is 7 everywhere",
    )


def test_an_input_of_several_volumes_is_named_and_kept(project: Path):
    four = packed(np.stack([image(1), image(2)], axis=3))

    assert odd_of(project, "inputs/case-3/t1.nii.gz", four) == (
        "tissue, public: case case-3: t1 holds 2 volumes (such as channels or time points)",
    )


def test_cases_with_the_same_content_are_odd(project: Path):
    for name in ("inputs/{}/t2.nii.gz", "reference/{}/mask.nii.gz"):
        first, second = (data_of(project) / name.format(case) for case in ("case-1", "case-3"))
        second.write_bytes(first.read_bytes())

    assert report_of(check(project)).odd == (
        "tissue, public: cases case-1 and case-3 have the same input t2",
        "tissue, public: cases case-1 and case-3 have the same reference",
    )


def test_a_private_case_that_is_a_public_one_is_odd(tmp_path: Path):
    text = YAML.replace("public: data/test-public", "public: data/test-public\n      private: p")
    project = make_project(tmp_path / "project", text=text).parent
    other = make_project(tmp_path / "other", cases=("a", "b", "c", "hidden")).parent
    for case in ("a", "b", "c"):
        for part in ("inputs", "reference"):
            for file in (other / "data/test-public" / part / case).iterdir():
                file.unlink()
            (other / "data/test-public" / part / case).rmdir()
    (other / "data/test-public").rename(project / "p")
    content = (data_of(project) / "inputs/case-2/t1.nii.gz").read_bytes()
    (project / "p/inputs/hidden/t1.nii.gz").write_bytes(content)

    assert report_of(check(project)).odd == (
        "tissue, private: cases public case-2 and private hidden have the same input t1",
    )


@pytest.mark.parametrize(("shift_mm", "faults"), [(0.09, 0), (0.11, 1)])
def test_an_affine_may_be_off_by_a_tenth_of_the_shortest_side(
    project: Path, shift_mm: float, faults: int
):
    # The shortest side is 1 mm; in single precision 7.09 and 7.11 are within 1e-6.
    moved = AFFINE.copy()
    moved[2, 3] += shift_mm
    (data_of(project) / "reference/case-1/mask.nii.gz").write_bytes(packed(labels(), moved))

    assert len(check(project).faults) == faults


def test_a_second_check_reads_nothing_and_finds_the_same(project: Path, own_cache: Path):
    settle(project)
    first, second = report_of(check(project)), report_of(check(project))

    assert (first.files, first.read) == (9, 9)
    assert (second.files, second.read) == (9, 0)
    assert second.splits == first.splits


def test_a_refusal_is_remembered_too(project: Path, own_cache: Path):
    (data_of(project) / "reference/case-1/mask.nii.gz").write_bytes(b"not an image")
    settle(project)
    first, second = check(project), check(project)

    assert len(first.faults) == 1
    assert second.faults == first.faults
    assert second.data is not None
    assert second.data.read == 0


def test_only_what_changed_is_read_again(project: Path, own_cache: Path):
    settle(project)
    check(project)
    (data_of(project) / "reference/case-2/mask.nii.gz").write_bytes(packed(labels()))

    report = report_of(check(project))

    assert report.read == 1
    assert report.splits[0].cases[1].labels == {1: 8, 2: 8}


def test_a_damaged_cache_is_not_believed(project: Path, own_cache: Path):
    settle(project)
    first = report_of(check(project))
    facts = own_cache / "facts"
    facts.write_bytes(facts.read_bytes().replace(b'"labels":{"', b'"labels":{"1'))

    again = report_of(check(project))

    assert again.read == 3  # the lines of the three references fail their checksums
    assert again.splits == first.splits


def test_a_fact_of_another_form_is_not_believed(project: Path, own_cache: Path):
    path = data_of(project) / "reference/case-1/mask.nii.gz"
    findings = Findings(FactCache(own_cache))
    found = find_out(path, findings, is_mask=True)
    assert found.digest is not None
    key = f"volume:1:mask:{found.digest.sha256}"
    cache = FactCache(own_cache)
    wrongs: list[object] = [
        {"shape": [1, 2]},
        [],
        7,
        "",
        None,
        {**vars(found.facts), "labels": None},
    ]
    for wrong in wrongs:
        cache.put({key: wrong})
        assert Findings(cache).of_content(found.digest, is_mask=True) is None


def test_two_checks_at_once_agree(project: Path, tmp_path: Path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "xdg")}
    argv = [sys.executable, "-m", "cli", "check", "--json", "--file", str(project)]
    both = [
        subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [one.communicate(timeout=120)[0] for one in both]

    assert [one.returncode for one in both] == [0, 0]
    assert said[0].replace('"read": 9', "") == said[1].replace('"read": 9', "")


def test_a_file_that_this_user_may_not_read_is_named(project: Path, own_cache: Path):
    path = data_of(project) / "reference/case-1/mask.nii.gz"
    path.chmod(0)
    findings = Findings(FactCache(own_cache))
    if os.getuid() == 0:
        os.seteuid(65534)
    try:
        found = find_out(path, findings, is_mask=True)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)

    assert (found.facts, found.refusal) == (None, "may not be read by this user")


def test_a_volume_is_opened_in_less_memory_than_it_holds(tmp_path: Path):
    # 320 x 320 x 320 voxels of 8 bytes are 250 MiB; 160 MiB above what numpy needs are allowed.
    head = gzip.decompress(packed(np.zeros((1, 1, 1)), AFFINE))[:352]
    content = bytearray(head)
    content[42:48] = np.array([320, 320, 320], dtype="<i2").tobytes()
    with gzip.open(tmp_path / "mask.nii.gz", "wb", compresslevel=1) as file:
        file.write(bytes(content))
        for _ in range(320):
            file.write(bytes(320 * 320 * 8))
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from blueprint.data.check.job import find_out\n"
        "from blueprint.data.check.findings import Findings\n"
        "from blueprint.data.fact_cache import FactCache\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 160 * 2**20,) * 2)\n"
        "found = find_out(Path(sys.argv[1]), Findings(FactCache()), is_mask=True)\n"
        "assert found.facts is not None, found.refusal\n"
        "assert found.facts.labels == {0: 320**3}\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, tmp_path / "mask.nii.gz"],
        check=True,
        timeout=120,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )


def test_spacing_is_in_millimetres_whatever_the_file_says():
    row = (0.0, 0.0, 0.0, 0.0)
    facts = VolumeFacts(
        shape=(1, 1, 1), axes=3, volumes=1, unit_mm=1000.0, type="uint8", minimum=0, maximum=0,
        affine=((0.0, -0.002, 0.0, 1.0), (0.001, 0.0, 0.0, 1.0), (0.0, 0.0, 0.003, 1.0), row),
        nan_voxels=0, infinite_voxels=0, labels=None,
    )  # fmt: skip

    assert facts.spacing_mm == pytest.approx((1.0, 2.0, 3.0))


def test_releases_are_walked(tmp_path: Path):
    text = YAML + (
        "data:\n  releases:\n"
        "    - {id: training, title: T, path: out, opens: 2027-05-01, license: CC0-1.0}\n"
    )
    project = make_project(tmp_path, text=text).parent
    (project / "out").mkdir()
    (project / "out/a.txt").write_bytes(b"12345")
    (project / "out/b.txt").symlink_to("a.txt")

    checked = check(project)

    (fault,) = checked.faults
    assert fault.path == "data.releases[0].path"
    assert fault.problem == "out: 'b.txt' is a symbolic link; put the file itself there"
    assert checked.data is not None
    (release,) = checked.data.releases
    assert (release.id, release.files, release.size_bytes) == ("training", 1, 5)


def test_a_release_with_the_content_of_a_reference_is_refused(tmp_path: Path):
    text = YAML.replace("public: data/test-public", "public: p\n      private: data/test-public")
    text += (
        "data:\n  releases:\n"
        "    - {id: training, title: T, path: out, opens: 2027-05-01, license: CC0-1.0}\n"
    )
    project = make_project(tmp_path / "project", text=text).parent
    (make_project(tmp_path / "o", cases=("a",)).parent / "data/test-public").rename(project / "p")
    (project / "p/inputs/a/t1.nii.gz").write_bytes(packed(image(50)))
    (project / "out/x").mkdir(parents=True)
    private = data_of(project)
    for source, name in (
        (private / "reference/case-2/mask.nii.gz", "atlas.nii.gz"),
        (private / "inputs/case-3/t2.nii.gz", "x/scan.nii.gz"),
        (project / "p/inputs/a/t1.nii.gz", "x/public.nii.gz"),
    ):
        (project / "out" / name).write_bytes(source.read_bytes())

    checked = check(project)

    (fault,) = checked.faults
    assert fault.path == "data.releases[0].path"
    assert fault.problem == "out/atlas.nii.gz: is the reference of private case case-2 of tissue"
    assert checked.data is not None
    assert checked.data.releases[0].odd == ("x/scan.nii.gz is t2 of private case case-3 of tissue",)


def test_a_file_so_wrong_that_it_describes_no_challenge_opens_no_data(project: Path):
    file = project / "challenge.yaml"
    file.write_text(file.read_text().replace("version: 1", "version: 9"))

    checked = check(project)

    assert (checked.challenge, checked.data, len(checked.faults)) == (None, None, 1)
