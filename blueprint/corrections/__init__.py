"""Corrections of test data and settings: noticed, computed, compared, and put in force once."""
