"""Evaluations as rows: what they were made with, which of them are in force, and why."""
