"""The demonstration: the whole walk as its users take it, with HTTP, SFTP and git clients."""
