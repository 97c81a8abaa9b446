"""The library behind diychallenge: it never prints, never exits and never imports Typer."""

__version__ = "0.2.0"
