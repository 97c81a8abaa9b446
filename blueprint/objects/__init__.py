"""The object store: whole things by key, in a directory here or on an S3 server elsewhere."""
