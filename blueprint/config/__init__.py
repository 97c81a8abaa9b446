"""challenge.yaml: what it may say, and how it becomes one frozen Challenge."""
