"""Tries an engine's walls with a real job, which any engine must hold back."""

import json
import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from blueprint.evaluate.engine import Job, Limits, Outcome

_JOB = Path(__file__).with_name("probe_job.py")
_INPUT = "what the probe must be able to read"
_LIMITS = Limits(cpus=1, memory_mib=1024, time_s=60, output_mib=8, tmp_mib=8, files=64)


def try_walls(
    run: Callable[[Job], Outcome], scratch: Path | None = None, *, time_s: float = 60
) -> str:
    """Return what went wrong, empty when the job ran and every wall held.

    Args:
        run: Runs a job to its end.
        scratch: Where the trial's folder is made; by default among temporary files.
        time_s: How long the job may take.
    """
    folder = Path(tempfile.mkdtemp(prefix="diychallenge-probe-", dir=scratch))
    folder.chmod(0o755)
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            host, port = server.getsockname()
            job = _prepare(folder, host, port, time_s)
            outcome = run(job)
        return _judge(outcome, job.output / "probe")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, host: str, port: int, time_s: float) -> Job:
    for name in ("code", "input", "output"):
        (folder / name).mkdir(mode=0o755)
    canary = folder / "canary"
    canary.write_text("a submission must not read this")
    (folder / "input" / "probe.txt").write_text(_INPUT)
    shutil.copyfile(_JOB, folder / "code" / "probe_job.py")
    return Job(
        name="probe",
        argv=("python", "probe_job.py", str(canary), host, str(port)),
        code=folder / "code",
        inputs=folder / "input",
        output=folder / "output",
        limits=replace(_LIMITS, time_s=time_s),
    )


def _judge(outcome: Outcome, written: Path) -> str:
    if outcome.ended != "exited" or outcome.exit_code != 0:
        last = outcome.log.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return outcome.detail or f"the probe's program {outcome.ended}: {last}"
    report = json.loads((written / "report.json").read_text())
    if report["input"] != _INPUT or not (written / "volume.nii.gz").is_file():
        return "the probe's program could not read its input or write its output"
    if report["broken"]:
        return "a wall is missing: the probe's program " + ", ".join(report["broken"])
    return ""
