"""`diychallenge people`: who takes part."""

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile
from cli.project import actor, open_here

if TYPE_CHECKING:
    from blueprint.people.person import Person, Status
    from blueprint.platform import Platform

Username = Annotated[str, typer.Argument(metavar="USERNAME", help="Username or mail address.")]
Usernames = Annotated[
    list[str], typer.Argument(metavar="USERNAME", help="Usernames or mail addresses.")
]


UNCONFIRMED = "unconfirmed"
"""Shown as the status of those who have not opened the link in their mail: no account yet."""


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="people", help="See, let in and shut out the people who take part.",
                      no_args_is_help=True)  # fmt: skip
    app.command("list", epilog=examples("diychallenge people list --status waiting"))(list_people)
    app.command(epilog=examples("diychallenge people show anna"))(show)
    app.command(epilog=examples("diychallenge people approve anna ben"))(approve)
    app.command(epilog=examples('diychallenge people revoke anna --reason "left the lab"'))(revoke)
    app.command(epilog=examples("diychallenge people verify anna"))(verify)
    app.command(epilog=examples("diychallenge people reset anna"))(reset)
    app.command(
        epilog=examples(
            "diychallenge people role anna organizer",
            "diychallenge people role anna organizer --remove",
        )
    )(role)
    return app


def list_people(
    status: Annotated[
        str | None, typer.Option(help="Only unconfirmed, registered, waiting, ...")
    ] = None,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """List everybody in the order of registration, those who have not confirmed yet at the end."""
    from blueprint.people.person import list_people as everybody
    from blueprint.people.registration import list_pending

    platform = open_here(file)
    pending = list_pending(platform, platform.clock()) if status in (None, UNCONFIRMED) else []
    found = []
    if status != UNCONFIRMED:
        found = everybody(platform.database, status=_status(status))
    if as_json:
        output.document({"people": found, "unconfirmed": pending})
        return
    rows: list[tuple[object, ...]] = [
        (p.username, p.name, p.email, p.email_verified_at is not None, p.team_slug, p.status,
         p.created_at)
        for p in found
    ]  # fmt: skip
    rows += [
        (p.username, p.name, p.email, False, p.team_slug, UNCONFIRMED, p.sent_at) for p in pending
    ]
    output.table(
        ("username", "name", "mail", "verified", "team", "status", "registered"),
        rows,
        empty="nobody has registered" if status is None else f"nobody is {status}",
    )


def show(username: Username, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Show one person: agreements, keys, tokens and downloads."""
    from blueprint.data.access_log import list_accesses
    from blueprint.people.agreements import acceptances_of
    from blueprint.people.git_tokens import list_tokens
    from blueprint.people.roles import roles_of
    from blueprint.people.ssh_keys import list_keys

    platform = open_here(file)
    person = _demand(platform, username)
    with platform.database.read() as connection:
        accepted = sorted(acceptances_of(connection, person.id))
        roles = sorted(roles_of(connection, person.id))
    keys = list_keys(platform.database, person.id)
    tokens = list_tokens(platform.database, person.id)
    downloads = list_accesses(platform.database, username=person.username, limit=20)
    if as_json:
        agreements = [{"id": name, "version": number} for name, number in accepted]
        output.document({"person": person, "roles": roles, "agreements": agreements,
                         "ssh_keys": keys, "git_tokens": tokens,
                         "downloads": downloads})  # fmt: skip
        return
    questions = platform.challenge.people.questions
    answers = [f"{one.label}: {person.answers.get(one.id) or '-'}" for one in questions]
    output.facts({
        **_facts(person),
        "roles": ", ".join(roles),
        "answers": "\n".join(answers),
        "agreements": ", ".join(f"{name} version {number}" for name, number in accepted),
        "SSH keys": "\n".join(f"{key.fingerprint} {key.label}" for key in keys),
        "git tokens": "\n".join(
            f"{token.label}, used {output.cell(token.last_used_at)}" for token in tokens
        ),
    })  # fmt: skip
    output.say()
    output.table(
        ("opened", "release", "file", "sent", "of", "complete"),
        [
            (one.opened_at, one.release, one.path, one.sent_bytes, one.size_bytes, one.complete)
            for one in downloads
        ],
        empty="nothing downloaded",
    )


def approve(usernames: Usernames, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Let people take part, with data, git and submissions."""
    from blueprint.deploy.reach import wake
    from blueprint.people import approval

    platform = open_here(file)
    approved = []
    try:
        for username in usernames:
            person = approval.approve(platform, username, by=actor(), now=platform.clock())
            approved.append(person)
            if not as_json:
                team = f" (team {person.team_slug})" if person.team_slug else ""
                output.say(f"approved: {person.username}, {person.name}{team}")
    finally:
        wake(platform.state)
    if as_json:
        output.document({"approved": approved})


def revoke(
    username: Username,
    reason: Annotated[str, typer.Option(help="Kept in the audit log.")] = "",
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Withdraw access: sessions, tokens, SFTP and git end at once."""
    from blueprint.deploy.reach import wake
    from blueprint.people import approval

    platform = open_here(file)
    ended = approval.revoke(platform, username, by=actor(), now=platform.clock(), reason=reason)
    told = wake(platform.state)
    if as_json:
        output.document({"revoked": ended, "platform_told": told})
        return
    output.say(
        f"revoked: {ended.person.username} ({ended.sessions} sessions, {ended.git_tokens} git"
        f" tokens and {ended.ssh_keys} SSH keys ended)"
    )
    if ended.team:
        left = f"{ended.members_left} approved" if ended.members_left else "nobody else approved"
        output.say(
            f"team {ended.team}: {left}; its submissions stay, and it keeps its place on the"
            " leaderboard; its code was renewed, because this person knew it"
        )
        output.say(
            f"to take it off the ranks: diychallenge teams standing {ended.team} withdrawn"
            ' --reason "..."'
        )


def verify(username: Username, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Count a mail address as proven, because you know it to be right.

    People prove it themselves by opening the link that was mailed to them. Nobody is approved
    before.
    """
    from blueprint.people import approval

    platform = open_here(file)
    person = approval.verify(platform, username, by=actor(), now=platform.clock())
    if as_json:
        output.document({"verified": person})
        return
    output.say(f"verified: {person.username}, {person.email} (status: {person.status})")


def role(
    username: Username,
    name: Annotated[str, typer.Argument(metavar="ROLE", help="organizer or provider.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the role away.")] = False,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Give somebody a role in the portal, or take it away.

    Organizers see previews of what is kept back. Whoever types `diychallenge` needs no role.
    """
    from blueprint.people.roles import give_role, take_role

    platform = open_here(file)
    change = take_role if remove else give_role
    left = sorted(change(platform, username, name, by=actor(), now=platform.clock()))
    if as_json:
        output.document({"username": username, "roles": left})
        return
    output.say(f"{username}: {', '.join(left) or 'no role'}")


def reset(username: Username, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Write a person a mail with a link for a new password.

    The link works once, within an hour. The mail lies in the outbox folder for you to send.
    """
    from blueprint.people import approval

    platform = open_here(file)
    sent = approval.reset(platform, username, by=actor(), now=platform.clock())
    if as_json:
        output.document({"username": sent.person.username, "mail": sent.mail,
                         "expires_at": sent.expires_at})  # fmt: skip
        return
    output.say(f"written: {sent.mail}")
    output.say(
        f"Send this mail to {sent.person.email}; its link works until"
        f" {output.cell(sent.expires_at)}. Whoever has the link can set the password."
    )


def _facts(person: "Person") -> dict[str, object]:
    decided = f"{output.cell(person.decided_at)} by {person.decided_by}"
    return {
        "username": person.username,
        "name": person.name,
        "mail": person.email,
        "verified": person.email_verified_at,
        "team": f"{person.team_name} ({person.team_slug})" if person.team_slug else None,
        "status": person.status,
        "registered": person.created_at,
        "decided": decided if person.decided_at else None,
    }


def _demand(platform: "Platform", username: str) -> "Person":
    from blueprint.errors import NotFoundError
    from blueprint.people.person import find_person

    person = find_person(platform.database, username)
    if person is None:
        raise NotFoundError(
            f"there is no person {username!r}", hint="`diychallenge people list` shows everybody"
        )
    return person


def _status(text: str | None) -> "Status | None":
    from blueprint.errors import InputError
    from blueprint.people.person import Status

    if text is None:
        return None
    statuses: tuple[Status, ...] = get_args(Status)
    for status in statuses:
        if text == status:
            return status
    raise InputError(
        f"--status: {text!r} is no status", hint=f"one of {', '.join((UNCONFIRMED, *statuses))}"
    )
