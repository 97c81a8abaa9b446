"""The command line: every noun is a module, imported libraries stay inside the commands."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from blueprint.errors import BlueprintError
from cli import (
    check,
    corrections,
    datasets,
    demo,
    deploy,
    evaluators,
    failure,
    init,
    leaderboard,
    people,
    plan,
    receipt,
    releases,
    rescore,
    status,
    submissions,
    submit,
    teams,
    version,
    work,
)
from cli.examples import examples

PROGRAM = "diychallenge"


def application(*, rich_help: bool) -> typer.Typer:
    """Return the whole command line; plain help loads twice as fast as the coloured one."""
    app = typer.Typer(
        name=PROGRAM,
        help="Run a biomedical image-analysis challenge on your own machines.",
        epilog=examples(
            "diychallenge init my-challenge && cd my-challenge && diychallenge deploy",
            "Exit codes: 0 done, 1 failed, 2 your input; `plan`: 3 something would change.",
        ),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if rich_help else None,
    )
    for single in (init, check, plan, deploy, status):
        single.add_to(app)
    organizers = (
        people, teams, submissions, releases, leaderboard, corrections, receipt, evaluators,
        datasets,
    )  # fmt: skip
    for group in organizers:
        app.add_typer(group.make_app(), rich_help_panel="The organizer's")
    rescore.add_to(app)
    for single in (submit, demo, work, version):
        single.add_to(app)
    return app


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; the one place where an error becomes an exit code."""
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 your input."""
    code: object = 0
    try:
        application(rich_help=sys.stdout.isatty())(args=argv, prog_name=PROGRAM)
    except SystemExit as end:
        code = end.code
    except BlueprintError as error:
        code = failure.report(error)
    except KeyboardInterrupt:
        code = failure.INTERRUPTED
    except BrokenPipeError:
        code = 1
    except Exception as error:  # noqa: BLE001  # the last line of defence: never a traceback
        code = failure.report_unexpected(error)
    failure.close_output()
    return code if isinstance(code, int) else 0
