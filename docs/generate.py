"""Writes the generated reference pages again (`make docs`); a test holds them against the code."""

from pathlib import Path

from blueprint.config.reference import reference_page

REFERENCE = Path(__file__).resolve().parent / "reference"


def main() -> None:
    """Write every page that is made from the code."""
    REFERENCE.mkdir(exist_ok=True)
    (REFERENCE / "challenge-yaml.md").write_text(reference_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
