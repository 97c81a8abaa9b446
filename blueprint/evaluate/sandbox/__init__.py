"""Runs submissions as processes of this machine, walled in by the kernel: no root, no Docker."""

CAUTION = (
    "The process sandbox is for trying out and for known teams, not for strangers: "
    "it shares this machine's kernel and has no cgroups. Use Docker for an open challenge."
)
"""Said by `deploy`, `status` and the portal wherever this sandbox runs submissions."""
