"""Lets `python -m cli` be `diychallenge`."""

from cli.main import main

main()
