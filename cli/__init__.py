"""The command line of diychallenge: it parses, prints and exits; one module per noun."""
