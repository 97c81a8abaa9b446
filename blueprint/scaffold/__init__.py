"""What `diychallenge init` writes: a challenge that works, to be made one's own."""
