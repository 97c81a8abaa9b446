"""Finds the files that travel with the code, in a checkout and in an installed wheel alike."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def example_challenge() -> Path:
    """Return challenge.example.yaml: at the root of a checkout, bundled in a wheel."""
    bundled = _PACKAGE / "bundled" / "challenge.example.yaml"
    return bundled if bundled.is_file() else _PACKAGE.parent / "challenge.example.yaml"


def package_folder() -> Path:
    """Return the folder of the `blueprint` package."""
    return _PACKAGE


def source_folder(name: str) -> Path:
    """Return `templates`, `compose` or `roles`: at the root of a checkout, bundled in a wheel."""
    bundled = _PACKAGE / "bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name
