"""Opens the data that challenge.yaml names: every input, every reference, every release."""
