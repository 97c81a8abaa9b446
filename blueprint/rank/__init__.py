"""Ranks and how far to trust them: pure functions over a table of scores."""
