"""How the evaluation hosts of a deployment stand, and what about them needs somebody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from blueprint.corrections.progress import stranded
from blueprint.database.schema import evaluations, submissions
from blueprint.evaluations.sets import is_in_force, is_under, pending_sets, sets_in_force
from blueprint.ledger.states import JUDGED
from blueprint.platform import Platform
from blueprint.serve.evaluators import Evaluator, Presence, evaluators_of
from blueprint.serve.runner_address import noted_runner


@dataclass(frozen=True)
class HostStatus:
    """One evaluation host now."""

    name: str
    presence: Presence
    words: str
    """How it stands, to be read after its name."""
    seen_at: datetime | None
    engine: str
    """Empty where it did not say."""
    cpus: int | None
    """Of one of its workers; None where it takes anything."""
    memory_mib: int | None
    gpus: int
    works_on: tuple[str, ...]
    """What its workers do, in words."""
    keeps: int
    """How many results in force were made of predictions that lie on its disk."""
    certificate_until: datetime | None
    renew: str
    """The command that renews its certificate, where that ends within 30 days; else empty."""
    other_data: tuple[str, ...]
    """Splits whose test data it had otherwise, when it looked last."""


@dataclass(frozen=True)
class HostsStatus:
    """All of them."""

    answered_at: str | None
    """Where they are answered; None: the platform evaluates by itself."""
    hosts: tuple[HostStatus, ...] = ()
    findings: tuple[str, ...] = ()
    """What keeps work from being done, a sentence each with what to do."""


def hosts_status_of(platform: Platform, now: datetime) -> HostsStatus:
    """Return how the evaluation hosts stand."""
    evaluators = evaluators_of(platform, now)
    answered_at = noted_runner(platform.state)
    with platform.database.read() as connection:
        splits = _splits(connection)
        works_on = _works_on(connection)
        keeps = _keeps(connection)
        waiting = _waiting(connection)
    found = tuple(
        _status(one, splits, works_on.get(one.name, ()), keeps.get(one.name, 0), now)
        for one in evaluators.values()
        if one.presence != "shut out" or keeps.get(one.name) or works_on.get(one.name)
    )
    findings = [f"{one}: start it again, or `diychallenge rejudge` runs them on another host"
                for one in stranded(platform, evaluators)]  # fmt: skip
    if answered_at is not None and waiting:
        findings = [*_idle(found, waiting), *findings]
    return HostsStatus(answered_at, found, tuple(findings))


def _idle(found: Sequence[HostStatus], waiting: int) -> Iterator[str]:
    """Yield why nobody, or not everybody, takes what waits."""
    known = [one for one in found if one.presence != "shut out"]
    is_any_here = any(one.presence == "here" for one in known)
    for one in known:
        if one.presence == "not seen" or not is_any_here:
            yield (
                f"{one.name}: {one.words}, while {waiting} pieces of work wait: look whether"
                " `diychallenge work` runs there and reaches this machine"
            )
        if one.other_data:
            yield (
                f"{one.name}: its test data of {', '.join(one.other_data)} are not those that the"
                " platform knows: bring these there"
            )
    if not known:
        yield (
            f"no evaluation host is known, while {waiting} pieces of work wait:"
            " `diychallenge evaluators add` makes one known"
        )


def _status(
    one: Evaluator, splits: Mapping[str, str], works_on: tuple[str, ...], keeps: int, now: datetime
) -> HostStatus:
    offers = one.offers
    is_to_renew = one.is_to_renew(now)
    return HostStatus(
        name=one.name,
        presence=one.presence,
        words=one.words,
        seen_at=one.seen_at,
        engine=str(offers.get("engine", "")),
        cpus=offers.get("cpus"),
        memory_mib=offers.get("memory_mib"),
        gpus=int(offers.get("gpus", 0)),
        works_on=works_on,
        keeps=keeps,
        certificate_until=one.certificate_until,
        renew=f"diychallenge evaluators renew {one.name} --into DIR" if is_to_renew else "",
        other_data=tuple(sorted({splits[key] for key in one.other_data if key in splits})),
    )


def _splits(connection: Connection) -> dict[str, str]:
    """Return by digest the split of every dataset that somebody may be asked about."""
    sets = [*sets_in_force(connection).values(), *pending_sets(connection).values()]
    return {one.terms.dataset_digest: "/".join(one.place) for one in sets}


def _works_on(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return by host what its workers hold."""
    judged = select(
        submissions.c.worker, submissions.c.id, submissions.c.state, submissions.c.note
    ).where(submissions.c.lease_until.is_not(None), submissions.c.state.not_in(JUDGED))
    again = select(
        evaluations.c.worker, evaluations.c.submission_id, evaluations.c.kind, evaluations.c.note
    ).where(evaluations.c.state == "running")
    found: dict[str, list[str]] = {}
    for query in (judged, again):
        for worker, number, what, note in connection.execute(query):
            said = f"submission {number}: {what}" + (f", {note}" if note else "")
            found.setdefault(str(worker).partition("/")[0], []).append(said)
    return {name: tuple(said) for name, said in found.items()}


def _keeps(connection: Connection) -> dict[str, int]:
    query = (
        select(evaluations.c.host, func.count())
        .where(evaluations.c.state == "done", is_in_force(), evaluations.c.host.is_not(None))
        .group_by(evaluations.c.host)
    )
    return {str(host): int(number) for host, number in connection.execute(query)}


def _waiting(connection: Connection) -> int:
    """Return how many submissions and evaluations of corrections nobody works on."""
    new = select(func.count()).where(
        submissions.c.state == "received", submissions.c.confirmed_at.is_not(None),
        submissions.c.lease_until.is_(None),
    )  # fmt: skip
    number = int(connection.execute(new).scalar_one())
    for one in pending_sets(connection).values():
        again = select(func.count()).where(is_under(one.terms), evaluations.c.state == "waiting")
        number += int(connection.execute(again).scalar_one())
    return number
