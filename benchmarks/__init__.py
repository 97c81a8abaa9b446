"""Benchmarks of the platform: ratios and limits measured in one run, never timed tests."""
