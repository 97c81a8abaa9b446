"""Writes the generated reference pages again (`make docs`); a test holds them against the code."""

from pathlib import Path

import cli.reference
from blueprint.config.metrics_page import metrics_page
from blueprint.config.reference import reference_page
from blueprint.services.hosts_page import hosts_page
from cli.main import application

REFERENCE = Path(__file__).resolve().parent / "reference"


def main() -> None:
    """Write every page that is made from the code."""
    REFERENCE.mkdir(exist_ok=True)
    (REFERENCE / "challenge-yaml.md").write_text(reference_page(), encoding="utf-8")
    (REFERENCE / "metrics.md").write_text(metrics_page(), encoding="utf-8")
    (REFERENCE / "hosts.md").write_text(hosts_page(), encoding="utf-8")
    app = application(rich_help=False)
    (REFERENCE / "cli.md").write_text(cli.reference.reference_page(app), encoding="utf-8")


if __name__ == "__main__":
    main()
