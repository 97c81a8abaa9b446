"""The metric catalogue: what each score means, with its worst value and its empty cases."""
