"""How a deployment stands: whether it runs, what is open, what waits, what has changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select

from blueprint.config.load import load
from blueprint.config.schedule import phase_status
from blueprint.corrections.survey import DataState, survey
from blueprint.database.schema import profiles, submissions
from blueprint.deploy import running
from blueprint.deploy.host_status import HostsStatus, hosts_status_of
from blueprint.deploy.pages import changed_agreements, pages_digest
from blueprint.deploy.reach import faults_of, is_answering
from blueprint.deploy.record import Record, Sandbox, demand_deployed
from blueprint.errors import InputError
from blueprint.people.registration import list_pending
from blueprint.plan.difference import changes
from blueprint.plan.plan import make_plan
from blueprint.platform import Platform
from blueprint.publish.visibility import visibilities

Health = Literal["running", "faulty", "not answering", "stopped", "cut off"]
"""faulty: it runs, and a part of it fails.

cut off: it ended without being stopped, by a kill, a crash or a reboot.
"""

_ADVICE: Mapping[Health, str] = {
    "running": "",
    "faulty": "what fails is tried again, and the log says more",
    "not answering": "`diychallenge deploy` starts it anew; its log says why",
    "stopped": "`diychallenge deploy` starts it again",
    "cut off": "`diychallenge deploy` picks everything up: nothing is lost, nothing scored twice",
}


@dataclass(frozen=True)
class PhaseStatus:
    """A phase now, with its submissions by state."""

    id: str
    task: str
    status: Literal["upcoming", "open", "closed"]
    opens: datetime
    closes: datetime
    visible: str
    submissions: Mapping[str, int]


@dataclass(frozen=True)
class StatusReport:
    """Everything that `diychallenge status` says."""

    challenge: str
    title: str
    health: Health
    advice: str
    faults: tuple[str, ...]
    """What the running platform says is wrong with it."""
    pid: int | None
    started_at: datetime | None
    deployed_at: str
    base_url: str
    sftp: str
    state: Path
    site: Path
    log: Path
    phases: tuple[PhaseStatus, ...]
    people: Mapping[str, int]
    sandbox: Sandbox
    pending: tuple[str, ...]
    """What the next deploy would change."""
    evaluation: HostsStatus
    """Where submissions are evaluated, and how the evaluation hosts stand."""
    data: tuple[DataState, ...] = ()
    """How the test data and settings of each task stand against what is in force."""


def status_of(platform: Platform, now: datetime, *, verify: bool = False) -> StatusReport:
    """Return how the deployment behind `platform` stands.

    Args:
        platform: The deployment.
        now: The present moment.
        verify: Read all test data again, whatever is known of the files.
    """
    record = demand_deployed(platform.state)
    health, pid = _health(platform)
    faults = faults_of(platform.state) if health == "running" else ()
    health = "faulty" if faults else health
    return StatusReport(
        challenge=platform.challenge.challenge.id,
        title=platform.challenge.challenge.title,
        health=health,
        advice=_ADVICE[health],
        faults=faults,
        pid=pid,
        started_at=running.started_at(pid) if pid else None,
        deployed_at=record.deployed_at,
        base_url=platform.addresses.site,
        sftp=platform.addresses.sftp,
        state=platform.state.root,
        site=platform.state.site,
        log=platform.state.log,
        phases=_phases(platform, now),
        people=_people(platform),
        sandbox=record.sandbox,
        pending=_pending(platform, record),
        evaluation=hosts_status_of(platform, now),
        data=survey(platform, platform.challenge, anew=verify),
    )


def _health(platform: Platform) -> tuple[Health, int | None]:
    if not running.is_running(platform.state):
        return ("cut off" if running.was_cut_off(platform.state) else "stopped"), None
    embedded = platform.challenge.embedded
    pid = running.platform_pid(platform.state)
    return ("running" if is_answering(embedded.address, embedded.http) else "not answering"), pid


def _phases(platform: Platform, now: datetime) -> tuple[PhaseStatus, ...]:
    count = func.count().label("count")
    query = select(submissions.c.phase, submissions.c.state, count).group_by(
        submissions.c.phase, submissions.c.state
    )
    counts: dict[str, dict[str, int]] = {}
    with platform.database.read() as connection:
        for phase_id, state, number in connection.execute(query):
            counts.setdefault(phase_id, {})[state] = number
        shown = visibilities(connection, platform.challenge, now)
    return tuple(
        PhaseStatus(
            phase.id, phase.task, phase_status(phase, now), phase.opens, phase.closes,
            shown[phase.id].words, counts.get(phase.id, {}),
        )
        for phase in platform.challenge.phases
    )  # fmt: skip


def _people(platform: Platform) -> dict[str, int]:
    query = select(profiles.c.status, func.count().label("number")).group_by(profiles.c.status)
    with platform.database.read() as connection:
        people = {row.status: row.number for row in connection.execute(query)}
    # Their mail lies in the outbox, where nothing sends it on.
    unconfirmed = len(list_pending(platform, platform.clock()))
    return people | ({"unconfirmed": unconfirmed} if unconfirmed else {})


def _pending(platform: Platform, record: Record) -> tuple[str, ...]:
    """Return in words what was edited since the last deploy; a faulty file is said to be one."""
    file = platform.project / "challenge.yaml"
    try:
        challenge = load(file)
    except InputError as error:
        return (f"{file.name} has faults: {str(error).splitlines()[0]}",)
    plan = make_plan(challenge, software=record.plan.software)
    found = [str(change) for change in changes(record.plan, plan)]
    if pages_digest(platform.project, challenge) != record.pages:
        found.append("pages: edited")
    told = changed_agreements(
        platform.database, platform.state, platform.project, challenge, record
    )
    found += [f"{one}: `deploy` will refuse it" for one in told]
    return tuple(found)
