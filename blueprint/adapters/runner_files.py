"""What lies in the folder of certificates of an evaluation host."""

AUTHORITY, CERTIFICATE, KEY = "platform.pem", "worker.pem", "worker.key"
"""Whom to trust, who we are, and our secret."""
