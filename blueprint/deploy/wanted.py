"""What challenge.yaml asks for, surveyed before anything is made or changed."""

from dataclasses import dataclass
from pathlib import Path

from blueprint import __version__
from blueprint.addresses import Addresses, embedded_addresses
from blueprint.clock import monotonic_s
from blueprint.config.digest import challenge_digest
from blueprint.config.model import Challenge
from blueprint.data.check.run import Progress, check_data, check_file, without_absent
from blueprint.deploy import host, storage
from blueprint.deploy.pages import demand_pages, pages_digest
from blueprint.deploy.record import Record, Sandbox
from blueprint.deploy.sandbox_check import check_sandbox
from blueprint.evaluate.engines import choose_engine
from blueprint.plan.difference import changes
from blueprint.plan.plan import Plan, make_plan
from blueprint.state import StateFolder


@dataclass(frozen=True)
class Wanted:
    """A challenge that can be put in force on this machine."""

    file: Path
    challenge: Challenge
    state: StateFolder
    plan: Plan
    digest: str
    pages: str
    sandbox: Sandbox
    addresses: Addresses
    seconds: float
    """How long the survey took."""
    odd: tuple[str, ...]
    """What is odd about the data, and does not keep them from being used."""

    @property
    def project(self) -> Path:
        """The folder of challenge.yaml."""
        return self.file.parent

    @property
    def ports(self) -> dict[str, int]:
        """The key of challenge.yaml that asks for a port, to the port."""
        embedded = self.challenge.embedded
        return {"embedded.http": embedded.http, "embedded.sftp": embedded.sftp}


def survey(
    file: Path,
    *,
    is_for_hosts: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Wanted:
    """Return what `file` asks for; nothing is made or changed.

    The data is opened as `check` opens it, what was not touched since then is not.

    Args:
        file: challenge.yaml.
        is_for_hosts: Evaluation hosts have the cases; they need not be on this machine.
        progress: Told how many files were opened.

    Raises:
        ConfigFaults: challenge.yaml has faults, or the data that it names has.
        InputError: This machine, or the state folder, cannot hold it.
        ToolError: A program is missing.
    """
    begun = monotonic_s()
    host.demand_linux()
    file = file.resolve()
    checked = check_file(file)
    challenge = checked.challenge or checked.demand_good()
    state = StateFolder((file.parent / challenge.embedded.state).resolve())
    storage.demand_local(state.root)
    host.demand_ours(state)
    host.demand_git()
    checked = check_data(checked, file.parent, state, progress=progress)
    checked = without_absent(checked, file.parent) if is_for_hosts else checked
    checked.demand_good()
    demand_pages(file.parent, challenge)
    choice = choose_engine(challenge.embedded.engine)
    return Wanted(
        file=file,
        challenge=challenge,
        state=state,
        plan=make_plan(challenge, software=__version__),
        digest=challenge_digest(challenge),
        pages=pages_digest(file.parent, challenge),
        sandbox=check_sandbox(challenge, choice, is_for_hosts=is_for_hosts),
        addresses=embedded_addresses(challenge.embedded),
        seconds=monotonic_s() - begun,
        odd=() if checked.data is None else checked.data.odd,
    )


def platform_changes(before: Record, wanted: Wanted) -> tuple[str, ...]:
    """Return in words what makes a restart necessary; empty when nothing does."""
    found = [str(change) for change in changes(before.plan, wanted.plan)]
    if before.digest != wanted.digest and not found:
        found.append("challenge.yaml")
    if before.sandbox.summary != wanted.sandbox.summary:
        found.append(f"sandbox: {before.sandbox.summary} -> {wanted.sandbox.summary}")
    if before.project != str(wanted.project):
        found.append(f"folder: {before.project} -> {wanted.project}")
    return tuple(found)
