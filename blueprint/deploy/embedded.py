"""Brings the platform up on this machine, as often as it is called: the target `embedded`."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from blueprint.clock import Clock, monotonic_s, system_clock
from blueprint.corrections.freeze import freeze
from blueprint.corrections.holdings import drop_hand_over, keep_hand_over
from blueprint.corrections.survey import DataState
from blueprint.data.check.run import Progress
from blueprint.database.stored import needs_migration
from blueprint.deploy import ports, prepare, running
from blueprint.deploy.contents import alone, remove_sockets
from blueprint.deploy.fitting import demand_fitting
from blueprint.deploy.launch import launch
from blueprint.deploy.pages import freeze_pages
from blueprint.deploy.prepare import Report
from blueprint.deploy.publishing import publish_now
from blueprint.deploy.reach import is_answering
from blueprint.deploy.record import Record, Sandbox, read_record
from blueprint.deploy.wanted import Wanted, platform_changes, survey
from blueprint.errors import InputError
from blueprint.platform import Platform
from blueprint.state import StateFolder

Outcome = Literal["started", "recovered", "restarted", "republished", "unchanged"]
"""recovered: it had ended without being stopped; republished: only the pages changed."""

_POLL_S = 0.03
_PATIENCE_S = 30.0
_SETTLE_S = 3.0
"""A platform that runs but does not answer within this is started anew."""


@dataclass(frozen=True)
class DeployReport:
    """What a deploy came to."""

    outcome: Outcome
    changes: tuple[str, ...]
    """What differs from the last deploy, in the words of challenge.yaml."""
    base_url: str
    sftp: str
    state: Path
    log: Path
    pid: int | None
    sandbox: Sandbox
    seconds: float
    data: tuple[DataState, ...] = ()
    """How the test data and settings of each task stand against what is in force."""


def apply(
    wanted: Wanted,
    *,
    clock: Clock = system_clock,
    report: Report = lambda _line: None,
    patience_s: float = _PATIENCE_S,
    verify: bool = False,
    accept_loss: bool = False,
) -> DeployReport:
    """Make the platform run with what was surveyed; return when it answers.

    Nothing is touched before the ports are found good. A second call changes nothing and says so.

    Args:
        wanted: What challenge.yaml asks for.
        clock: Gives the present moment.
        report: Called with a line for each step that took effect.
        patience_s: How long a platform that was started may take to answer.
        verify: Read all test data again, whatever is known of the files.
        accept_loss: Go on without a key or repositories that are lost for good.

    Raises:
        InputError: A port or something stored is at fault; nothing was changed.
        BlueprintError: The platform did not come up; the message has its last words.
    """
    begun = monotonic_s()
    if wanted.odd:
        report(f"odd about the data: {len(wanted.odd)} (`diychallenge check` names what)")
    _demand_ports(wanted)
    with alone(wanted.state):
        before = read_record(wanted.state)
        found = platform_changes(before, wanted) if before else ()
        stopped = _stop_to_migrate(wanted, clock, report, accept_loss=accept_loss)
        platform = prepare.open_prepared(wanted, clock, report, accept_loss=accept_loss)
        try:
            signed = prepare.sign_releases(platform, report)
            drop_hand_over(wanted.state)  # the data are here: they were opened just now
            data = freeze(platform, wanted.challenge, report, anew=verify)
            outcome = _converge(
                wanted, platform, before=before, found=found, was_stopped=stopped,
                report=report, patience_s=patience_s,
            )  # fmt: skip
        finally:
            platform.database.close()
    told = [*found, *(f"release {release}: signed anew" for release in signed if before)]
    done = _report(wanted, platform, outcome, tuple(told), wanted.seconds + monotonic_s() - begun)
    return replace(done, data=data)


def ready(
    file: Path,
    *,
    clock: Clock = system_clock,
    report: Report = lambda _line: None,
    progress: Progress = lambda _done, _of: None,
    accept_loss: bool = False,
    is_for_hosts: bool = False,
    datasets: Path | None = None,
) -> StateFolder:
    """Make everything that the platform of `file` needs, start nothing, and return its folder.

    This is `deploy` for whoever runs the platform in front.

    Args:
        file: challenge.yaml.
        engine: Runs submissions.
        clock: Gives the present moment.
        report: Called with a line for each step that took effect.
        progress: Told how many files of data were opened.
        accept_loss: Go on without a key or repositories that are lost for good.
        is_for_hosts: Evaluation hosts have the cases; they need not be on this machine.
        datasets: A file that says what the test data hold, to be believed from now on.

    Raises:
        InputError: challenge.yaml, the machine or a port is at fault; or the platform runs.
    """
    wanted = survey(file, is_for_hosts=is_for_hosts, progress=progress)
    if running.is_running(wanted.state):
        raise InputError(
            f"{wanted.state.root}: the platform runs already", hint="`diychallenge down` stops it"
        )
    ports.demand_free(wanted.challenge.embedded.address, wanted.ports)
    with alone(wanted.state):
        platform = prepare.open_prepared(wanted, clock, report, accept_loss=accept_loss)
        try:
            prepare.sign_releases(platform, report)
            if datasets is not None:
                keep_hand_over(wanted.state, wanted.challenge, datasets)
            freeze(platform, wanted.challenge, report, is_for_hosts=is_for_hosts)
            prepare.put_in_force(wanted, clock())
        finally:
            platform.database.close()
    return wanted.state


def _converge(
    wanted: Wanted,
    platform: Platform,
    *,
    before: Record | None,
    found: tuple[str, ...],
    was_stopped: bool,
    report: Report,
    patience_s: float,
) -> Outcome:
    """Start, restart or leave alone, whatever the difference asks for."""
    state = wanted.state
    outcome: Outcome = "recovered" if running.was_cut_off(state) else "started"
    if was_stopped:
        outcome = "restarted"
    if running.is_running(state):
        if before and not found and _settles(wanted):
            return _republish(wanted, before, platform, report)
        ending = running.stop(state)
        report(f"the platform was {ending}, to start with the change")
        outcome = "restarted"
    ports.demand_free(wanted.challenge.embedded.address, wanted.ports)
    if before and before.socket_folder != str(state.socket_folder):
        remove_sockets(Path(before.socket_folder))
    prepare.put_in_force(wanted, platform.clock())
    launch(state, wanted.challenge.embedded, patience_s=patience_s)
    report(f"the platform answers at {platform.addresses.site}")
    return outcome


def _stop_to_migrate(wanted: Wanted, clock: Clock, report: Report, *, accept_loss: bool) -> bool:
    """Stop the platform where its database has an earlier schema; return whether it was.

    A deploy that is refused leaves it running, and its database as it is.
    """
    state = wanted.state
    if not running.is_running(state) or not needs_migration(state):
        return False
    demand_fitting(wanted, clock, accept_loss=accept_loss)
    ending = running.stop(state)
    report(f"the platform was {ending}: its database is brought to the schema of this version")
    return True


def _demand_ports(wanted: Wanted) -> None:
    """Refuse before anything is touched; ports that our own platform holds are ours to keep."""
    asked, before = wanted.ports, read_record(wanted.state)
    if before and running.is_running(wanted.state):
        embedded = before.plan.challenge["embedded"]
        held = {embedded["http"], embedded["sftp"]}
        asked = {key: port for key, port in asked.items() if port not in held}
    ports.demand_free(wanted.challenge.embedded.address, asked)


def _settles(wanted: Wanted) -> bool:
    embedded = wanted.challenge.embedded
    until = monotonic_s() + _SETTLE_S
    while not is_answering(embedded.address, embedded.http):
        if monotonic_s() > until:
            return False
        time.sleep(_POLL_S)
    return True


def _republish(wanted: Wanted, before: Record, platform: Platform, report: Report) -> Outcome:
    """Make the site anew where its pages were edited; the platform runs on."""
    if before.pages == wanted.pages:
        return "unchanged"
    freeze_pages(wanted.state, wanted.project, wanted.challenge)
    publish_now(platform, platform.clock())
    prepare.put_in_force(wanted, platform.clock())
    report("the pages were edited: the site was made anew")
    return "republished"


def _report(
    wanted: Wanted, platform: Platform, outcome: Outcome, changes: tuple[str, ...], seconds: float
) -> DeployReport:
    return DeployReport(
        outcome=outcome,
        changes=changes,
        base_url=platform.addresses.site,
        sftp=platform.addresses.sftp,
        state=wanted.state.root,
        log=wanted.state.log,
        pid=running.platform_pid(wanted.state),
        sandbox=wanted.sandbox,
        seconds=round(seconds, 2),
    )
