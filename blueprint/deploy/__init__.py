"""Puts a challenge in force on this machine, says how it stands, and takes it away again."""
