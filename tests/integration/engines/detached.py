"""A second engine, for trusted programs in tests alone: processes that outlive who started them.

It holds nothing back. What it is for: its jobs survive the evaluator, as a container engine's do,
so that finding, adopting and collecting are tried on something that really is still there.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from blueprint.evaluate.engine import Handle, Job, Outcome, Probe, engine_error

SUPERVISOR = Path(__file__).with_name("supervisor.py")


class DetachedProcesses:
    """Each job has a folder: what it is, who watches over it, how it ended."""

    name = "detached"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._watchers: dict[str, subprocess.Popen[bytes]] = {}

    def probe(self) -> Probe:
        return Probe(True, "nothing holds anything", "Programs run freely here.", (), (), "")

    def start(self, job: Job) -> Handle:
        folder = self._root / job.name
        handle = Handle(job.name, job.nonce, str(folder))
        if job.image is not None:
            folder.mkdir(parents=True)
            self._write(folder, "ended", asdict(engine_error("it runs no images")) | {"log": ""})
            self._write(folder, "job", asdict(handle))
            return handle
        (folder / "output").mkdir(parents=True)
        order = {
            "argv": [sys.executable, *job.argv[1:]],
            "cwd": str(job.code),
            "time_s": job.limits.time_s,
            "environment": {
                **job.environment, "PATH": os.environ["PATH"],
                "INPUT": str(job.inputs), "OUTPUT": str(folder / "output"),
            },
        }  # fmt: skip
        self._write(folder, "order", order)
        argv = [sys.executable, str(SUPERVISOR), str(folder)]
        watcher = subprocess.Popen(argv, start_new_session=True, stdout=subprocess.DEVNULL)
        self._watchers[handle.id] = watcher
        facts = {**asdict(handle), "output": str(job.output), "watcher": watcher.pid}
        self._write(folder, "job", facts)
        return handle

    def wait(self, handle: Handle, cancelled: Callable[[], bool]) -> Outcome:
        folder = Path(handle.id)
        if not (folder / "job.json").exists():
            return engine_error(f"{handle.name} was not started here")
        while not (folder / "ended.json").exists():
            if cancelled():
                self._kill(folder)
                return Outcome("cancelled", None, None, 0.0, 0.0, b"", "it was cancelled")
            time.sleep(0.05)
        ended = self._read(folder, "ended")
        if ended["exit_code"] == 0:
            shutil.copytree(
                folder / "output", self._read(folder, "job")["output"], dirs_exist_ok=True
            )
        return Outcome(**{**ended, "log": ended["log"].encode("latin-1")})

    def find(self, nonce: str) -> list[Handle]:
        facts = [json.loads(path.read_text()) for path in self._root.glob("*/job.json")]
        found = [Handle(fact["name"], fact["nonce"], fact["id"]) for fact in facts]
        return [handle for handle in found if handle.nonce == nonce]

    def remove(self, handle: Handle) -> None:
        if (Path(handle.id) / "job.json").exists():
            self._kill(Path(handle.id))
            if handle.id in self._watchers:
                self._watchers.pop(handle.id).wait()
            shutil.rmtree(handle.id)

    def _kill(self, folder: Path) -> None:
        watcher = self._read(folder, "job").get("watcher")
        if watcher is not None and not (folder / "ended.json").exists():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(watcher, signal.SIGKILL)

    @staticmethod
    def _write(folder: Path, name: str, facts: dict[str, Any]) -> None:
        fresh = folder / f"{name}.fresh"
        fresh.write_text(json.dumps(facts))
        fresh.rename(folder / f"{name}.json")

    @staticmethod
    def _read(folder: Path, name: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
        return facts
