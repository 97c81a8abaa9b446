"""How `--help` shows examples: below the options, one a line."""


def examples(*lines: str) -> str:
    """Return the epilog of a command: what to type, ready to copy."""
    # Paragraphs of their own: whoever formats the help joins lines that stand together.
    return "\n\n".join(("Examples:" if len(lines) > 1 else "Example:", *lines))
