"""The test bench: every real server of the platform on one machine (docs/how-to/test-bench.md).

What takes long to make lies in a cache keyed by version; a server is a context manager that ends
with the process that started it. Nothing here is shipped.
"""
