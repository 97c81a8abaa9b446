"""The one error of the bench."""


class BenchError(Exception):
    """Something of the bench could not be made or started; the message says what to do."""
