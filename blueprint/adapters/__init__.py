"""The only modules that talk to other programs and servers."""
