"""`diychallenge version`."""

import typer

from cli import output
from cli.examples import examples
from cli.options import AsJson


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=examples("diychallenge version --json"))(version)


def version(as_json: AsJson = False) -> None:
    """Print the version of diychallenge and of what it runs on."""
    import platform

    import blueprint

    found = {
        "diychallenge": blueprint.__version__,
        "python": platform.python_version(),
        "system": platform.system(),
    }
    if as_json:
        output.document(found)
    else:
        output.say(f"diychallenge {found['diychallenge']} (Python {found['python']})")
