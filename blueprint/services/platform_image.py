"""What the containers of our own image have in common."""

PLATFORM_UID = 10001

CHECK_HTTP = (
    "python", "-c",
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)",
)  # fmt: skip
"""The image has no curl."""

CHECK_ALIVE = ("python", "-c", "import os; os.kill(1, 0)")
"""The program is process 1; the engine starts it again when it ends."""
