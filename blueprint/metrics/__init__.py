"""Metrics: each is one specification, which describes it, and one pure function.

`specs` and what it is made of know no numpy, so that challenge.yaml, pages and exports may read
them; the functions are loaded where scores are made.
"""
