"""Looks for known vulnerabilities in pinned requirements; says so where it cannot look.

A job of its own (nightly, `make audit`): new vulnerabilities appear without any change of ours.
Exit code 1: some were found. 0: none were, or the source of advisories could not be reached.
"""

import json
import subprocess
import sys
from typing import Any

_TIMEOUT_S = 300


def main(requirements: str) -> int:
    """Run pip-audit on one requirements file."""
    argv = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    argv += ["--progress-spinner", "off", "--format", "json", "--requirement", requirements]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return _not_looked(f"no answer within {_TIMEOUT_S} s")
    except (ValueError, KeyError):
        return _not_looked((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    skipped = [one["name"] for one in found if "skip_reason" in one]
    if len(skipped) == len(found):
        return _not_looked(f"it knows none of the {len(found)} packages")
    weak = [(one["name"], one["version"], hole) for one in found for hole in one.get("vulns", ())]
    for name, version, hole in weak:
        mended = ", ".join(hole["fix_versions"]) or "no version yet"
        sys.stdout.write(f"{name} {version}: {hole['id']}, mended in {mended}\n")
    not_looked = f", {len(skipped)} not looked at: {', '.join(skipped)}" if skipped else ""
    sys.stdout.write(f"audit: {len(found)} packages, {len(weak)} vulnerabilities{not_looked}\n")
    return 1 if weak else 0


def _not_looked(why: str) -> int:
    sys.stdout.write(f"audit: NOT LOOKED: the source of advisories was not reached: {why}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
