"""A team that pushes a program, which waits when it is told to."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.integration.recovery.processes import PATIENCE_S

MANIFEST = "version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"

PROGRAM = """\
import gzip, json, math, os, pathlib, struct, time
while GATE and int(os.stat("/input/cases.json").st_mtime) != GATE:
    time.sleep(0.01)
for case in json.loads(pathlib.Path("/input/cases.json").read_text()):
    image = gzip.decompress(pathlib.Path("/input", case["files"]["t1"]).read_bytes())
    header = bytearray(image[:352])
    voxels = math.prod(struct.unpack_from("<3h", header, 42))
    struct.pack_into("<2h", header, 70, 2, 8)  # one unsigned byte a voxel
    struct.pack_into("<3f", header, 108, 352, 1, 0)  # right behind the header, as they are
    labels = bytes([1]) * (voxels // 2) + bytes(voxels - voxels // 2)
    folder = pathlib.Path("/output", case["id"])
    folder.mkdir()
    (folder / "mask.nii.gz").write_bytes(gzip.compress(header + labels))
"""


def moment_of(gate: str) -> int:
    """Return the time, as seconds since 1970, that a file has while a gate is open.

    A new file could be missed: each run looks at the inputs through an overlay, which remembers
    what was not there. What the files themselves are it asks every time.
    """
    return 1_000_000_000 + int.from_bytes(gate.encode(), "big") % 100_000_000


@dataclass(frozen=True)
class Team:
    """A team of one, with a work tree and the address to push it to (the token is in it)."""

    slug: str
    username: str
    person_id: int
    id: int
    remote: str
    work: Path

    def git(self, *words: str) -> "subprocess.CompletedProcess[str]":
        with self.start_git(*words) as child:
            out, said = child.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(words, child.returncode, out, said)

    def start_git(self, *words: str) -> "subprocess.Popen[str]":
        who = {f"GIT_{role}_{key}": "a@example.org" for role in ("AUTHOR", "COMMITTER")
               for key in ("NAME", "EMAIL")}  # fmt: skip
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
                 "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8", "no_proxy": "*"}  # fmt: skip
        return subprocess.Popen(
            ["git", *words],
            cwd=self.work,
            env={**os.environ, **quiet, **who},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def commit(self, *, gate: str = "", more: dict[str, bytes] | None = None) -> None:
        """Commit a program that waits until its gate is opened (none: does not wait)."""
        files = {
            "submission.yaml": MANIFEST.encode(),
            "predict.py": f"GATE = {moment_of(gate) if gate else 0}\n{PROGRAM}".encode(),
            **(more or {}),
        }
        for name, content in files.items():
            (self.work / name).write_bytes(content)
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "one"]):
            done = self.git(*words)
            assert done.returncode == 0, done.stderr

    def push(self) -> int:
        """Push HEAD as a submission and return its number."""
        pushed = self.git("push", self.remote, "HEAD:refs/tags/submission/1")
        assert pushed.returncode == 0, pushed.stderr
        found = re.search(r"submission (\d+)", pushed.stderr)
        assert found, pushed.stderr
        return int(found[1])
