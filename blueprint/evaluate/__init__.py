"""Runs submissions in an engine, validates what they wrote and scores it."""
