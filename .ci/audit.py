"""Looks for known vulnerabilities in pinned requirements; says so where it cannot look.

A job of its own (nightly, `make audit`): new vulnerabilities appear without any change of ours.
Exit code 1: some were found. 0: none were, or the source of advisories could not be reached.
"""

import subprocess
import sys

_TIMEOUT_S = 300
_FOUND = 1


def main(requirements: str) -> int:
    """Run pip-audit on one requirements file."""
    argv = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    argv += ["--progress-spinner", "off", "--requirement", requirements]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return _not_looked(f"no answer within {_TIMEOUT_S} s")
    sys.stdout.write(done.stdout)
    if done.returncode == _FOUND and "Found " in done.stderr:
        sys.stderr.write(done.stderr)
        return 1
    if done.returncode != 0:
        return _not_looked((done.stderr.strip().splitlines() or ["no reason given"])[-1])
    sys.stderr.write(done.stderr)
    return 0


def _not_looked(why: str) -> int:
    sys.stderr.write(f"audit: NOT LOOKED: the source of advisories was not reached: {why}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
