"""Reads and writes medical images that nobody vouches for, within bounds."""
