"""`diychallenge status`: how the platform stands."""

from typing import TYPE_CHECKING

import typer

from cli import output
from cli.data_states import data_lines
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile, Verify
from cli.project import open_here, target_here

if TYPE_CHECKING:
    from blueprint.deploy.host_status import HostStatus
    from blueprint.deploy.record import Sandbox
    from blueprint.deploy.status import StatusReport


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=examples("diychallenge status", "diychallenge status --json"))(status)


def status(verify: Verify = False, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Say whether the platform runs, what is open and what waits.

    The exit code is 1 when it should run and does not, or not well, when nothing is evaluated
    because test data were changed after they were put in force, or when work waits for an
    evaluation host that is gone, so that a script can tell.
    """
    report = target_here(file).status(open_here(file), verify=verify)
    if as_json:
        output.document(report)
    else:
        _print(report)
    held = any(one.is_held for one in report.data)
    if (
        held
        or report.evaluation.findings
        or report.health in ("cut off", "not answering", "faulty")
    ):
        raise typer.Exit(1)


def _engine(sandbox: "Sandbox") -> str:
    why = f" ({sandbox.why})" if sandbox.why else ""
    lines = [f"{sandbox.engine}{why}", sandbox.summary, *sandbox.weaker, sandbox.advice]
    return "\n".join(line for line in lines if line)


def _print(report: "StatusReport") -> None:

    health = str(report.health)
    if report.pid is not None:
        health = f"{health} (process {report.pid}, since {output.cell(report.started_at)})"
    health = "\n".join([health, *report.faults])
    if report.advice:
        health = f"{health}\n{report.advice}"
    people = ", ".join(f"{number} {name}" for name, number in report.people.items())
    output.facts({
        "challenge": f"{report.title} ({report.challenge})",
        "platform": health,
        "portal and site": report.base_url,
        "data (SFTP)": report.sftp,
        "state": report.state,
        "log": report.log,
        "people": people or "nobody yet",
        "engine": _engine(report.sandbox),
        "evaluation": "\n".join(_evaluation(report)),
        "pending": "\n".join(report.pending) or "nothing: challenge.yaml is in force as it is",
        "test data": "\n".join(data_lines(report.data)),
    })  # fmt: skip
    output.say()
    output.table(
        ("phase", "now", "opens", "closes", "board", "submissions"),
        [(phase.id, phase.status, phase.opens, phase.closes, phase.visible,
          ", ".join(f"{number} {state}" for state, number in phase.submissions.items()))
         for phase in report.phases],
        empty="",
    )  # fmt: skip
    _print_hosts(report)


def _evaluation(report: "StatusReport") -> list[str]:
    found = report.evaluation
    if found.answered_at is None:
        return ["by the platform itself"]
    return [f"by evaluation hosts, answered at {found.answered_at}", *found.findings]


def _print_hosts(report: "StatusReport") -> None:
    hosts = report.evaluation.hosts
    if not hosts:
        return
    output.say()
    output.table(
        ("evaluation host", "now", "offers", "works on", "keeps", "certificate until"),
        [(host.name, host.words, _offers(host), "; ".join(host.works_on) or "nothing",
          f"{host.keeps} results", host.certificate_until) for host in hosts],
        empty="",
    )  # fmt: skip
    for host in hosts:
        if host.other_data:
            output.say(
                f"{host.name} had other test data of {', '.join(host.other_data)} when it looked"
                " last: no work on these is given to it"
            )
        if host.renew:
            output.say(f"{host.name}: its certificate ends soon: `{host.renew}`")


def _offers(host: "HostStatus") -> str:
    if host.cpus is None:
        return host.engine or "-"
    gpus = f", {host.gpus} GPUs" if host.gpus else ""
    engine = f"{host.engine}: " if host.engine else ""
    return f"{engine}{host.cpus} cores, {host.memory_mib} MiB{gpus} a worker"
