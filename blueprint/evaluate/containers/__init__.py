"""Runs submissions in containers of a Docker engine, as closed as it can make them."""
