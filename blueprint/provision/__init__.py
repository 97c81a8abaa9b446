"""Brings what services hold inside them to the wanted state: get, compare, change, read back."""
