"""Writes docs/reference/cli.md from the command line itself, so that the page cannot be wrong."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer.main

if TYPE_CHECKING:
    from typer import Typer

_HEAD = """\
# The command line

Made from the program by `make docs`; a test keeps the two equal.

Every command prints plain, aligned text when its output is piped, and `--json` where a script
reads it. The exit code is 0 when it is done, 1 when it failed, 2 when your input is at fault, 3
when `plan` finds something to change; 130 after Ctrl-C. Errors go to stderr: what is wrong, then
`hint:` with the next step.
"""


def reference_page(app: "Typer") -> str:
    """Return docs/reference/cli.md."""
    root: Any = typer.main.get_command(app)
    sections = [_HEAD]
    for path, command in _commands("diychallenge", root):
        sections.append(_section(path, command))
    return "\n".join(sections)


def _commands(path: str, group: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # Typer's own
    """Yield every command that does something, with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(f"{path} {name}", command)
        else:
            yield f"{path} {name}", command


def _section(path: str, command: Any) -> str:  # noqa: ANN401
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    lines = [f"## {path}", "", (command.help or "").strip(), ""]
    usage = " ".join([path, *(_usage(one) for one in arguments), "[OPTIONS]" if options else ""])
    lines += ["```console", f"$ {usage.rstrip()}", "```", ""]
    if arguments or options:
        lines += ["| | |", "|---|---|"]
        lines += [f"| `{_usage(one)}` | {_cell(one.help)} |" for one in arguments]
        lines += [f"| `{', '.join(one.opts)}` | {_option(one)} |" for one in options]
        lines.append("")
    lines += _examples(command.epilog or "")
    return "\n".join(lines)


def _usage(argument: Any) -> str:  # noqa: ANN401
    name = argument.metavar or argument.name.upper()
    several = f"{name}..." if argument.nargs == -1 else name
    return several if argument.required else f"[{several}]"


def _option(option: Any) -> str:  # noqa: ANN401
    told = _cell(option.help)
    if option.required:
        return f"{told} Required."
    is_said = option.default not in (None, False, "") and not callable(option.default)
    return f"{told} Default: `{option.default}`." if is_said else told


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").strip()


def _examples(epilog: str) -> list[str]:
    lines = [line for line in epilog.split("\n\n") if line.startswith("diychallenge")]
    lines = lines or [line for line in epilog.split("\n\n")[1:] if line]
    if not lines:
        return []
    return ["```console", *(f"$ {line}" for line in lines), "```", ""]
