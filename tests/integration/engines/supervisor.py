"""Watches over one job of `detached.py`, in a session of its own, and writes down how it ended."""

import json
import subprocess
import sys
import time
from pathlib import Path

folder = Path(sys.argv[1])
order = json.loads((folder / "order.json").read_text())
began = time.monotonic()
with (folder / "log").open("wb") as log:
    program = subprocess.Popen(
        order["argv"], cwd=order["cwd"], env=order["environment"], stdout=log, stderr=log
    )
    try:
        code, ended = program.wait(order["time_s"]), "exited"
    except subprocess.TimeoutExpired:
        program.kill()
        code, ended = program.wait(), "timeout"
if ended == "exited" and code < 0:
    ended = "signalled"
facts = {
    "ended": ended,
    "exit_code": code if ended == "exited" else None,
    "signal": -code if ended == "signalled" else None,
    "wall_s": time.monotonic() - began,
    "peak_memory_mib": 0.0,
    "log": (folder / "log").read_bytes()[-65536:].decode("latin-1"),
    "detail": "",
}
(folder / "ended.fresh").write_text(json.dumps(facts))
(folder / "ended.fresh").rename(folder / "ended.json")
