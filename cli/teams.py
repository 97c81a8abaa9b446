"""`diychallenge teams`: who competes, who stands beside the ranks, who is out, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.asking import confirm
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile, Yes
from cli.project import actor, open_here

if TYPE_CHECKING:
    from blueprint.people.teams import Team
    from blueprint.platform import Platform

Slug = Annotated[str, typer.Argument(metavar="TEAM", help="The team's slug, as `list` shows it.")]


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="teams", help="See teams, rename them, take them off the ranks.",
                      no_args_is_help=True)  # fmt: skip
    app.command("list", epilog=examples("diychallenge teams list --standing baseline"))(list_teams)
    app.command(epilog=examples("diychallenge teams show voxel-works"))(show)
    app.command(epilog=examples('diychallenge teams rename voxel-works "Voxel Works II"'))(rename)
    app.command(
        epilog=examples(
            'diychallenge teams standing otsu baseline --reason "our reference method"',
            'diychallenge teams standing voxel-works withdrawn --reason "asked to leave" --yes',
            'diychallenge teams standing voxel-works competing --reason "came back"',
        )
    )(standing)
    app.command("rotate-code", epilog=examples("diychallenge teams rotate-code voxel-works"))(
        rotate_code
    )
    return app


def list_teams(
    standing: Annotated[str | None, typer.Option(help="Only competing, baseline, ...")] = None,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """List the teams in the order of their making."""
    from blueprint.people.team_standings import known_standing
    from blueprint.people.teams import candidates_of, members_of
    from blueprint.people.teams import list_teams as every_team

    platform = open_here(file)
    wanted = known_standing(standing) if standing is not None else None
    found = [
        (
            team,
            members_of(platform.database, team.slug),
            candidates_of(platform.database, team.slug),
        )
        for team in every_team(platform.database)
        if wanted in (None, team.standing)
    ]
    if as_json:
        output.document({"teams": [_document(*one) for one in found]})
        return
    output.table(
        ("team", "name", "members", "asked to join", "standing", "since", "reason"),
        [
            (team.slug, team.name, ", ".join(members), ", ".join(candidates), team.standing,
             team.standing_since, team.standing_reason)
            for team, members, candidates in found
        ],
        empty="there are no teams" if wanted is None else f"no team is {wanted}",
    )  # fmt: skip


def show(slug: Slug, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Show one team: members, standing and submissions."""
    from blueprint.ledger.submissions import list_submissions
    from blueprint.people.team_standings import demand_team, what_follows
    from blueprint.people.teams import candidates_of, members_of

    platform = open_here(file)
    with platform.database.read() as connection:
        team = demand_team(connection, slug)
    members = members_of(platform.database, team.slug)
    candidates = candidates_of(platform.database, team.slug)
    pushed = list_submissions(platform.database, team=team.slug, limit=20)
    if as_json:
        listed = [{"id": s.id, "phase": s.phase, "state": s.state} for s in pushed]
        output.document({"team": _document(team, members, candidates), "submissions": listed})
        return
    since = f" since {output.cell(team.standing_since)} by {team.standing_by}"
    output.facts({
        "team": team.slug,
        "name": team.name,
        "made": team.created_at,
        "members": ", ".join(members),
        "asked to join": ", ".join(candidates),
        "standing": f"{team.standing}{since if team.standing_since else ''}",
        "which means": what_follows(team.standing),
        "reason": team.standing_reason,
    })  # fmt: skip
    output.say()
    output.table(
        ("submission", "phase", "state", "received"),
        [(s.id, s.phase, s.state, s.received_at) for s in pushed],
        empty="nothing submitted",
    )


def rename(
    slug: Slug,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new name.")],
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Give a team another name; its slug and its repository's address stay."""
    from blueprint.people.team_standings import rename_team

    platform = open_here(file)
    team = rename_team(platform, slug, name, by=actor(), now=platform.clock())
    _publish(platform)
    if as_json:
        output.document({"team": team})
        return
    output.say(f"renamed: {team.slug} is now {team.name}; the board shows it")


def standing(  # noqa: PLR0917  # the options of a command
    slug: Slug,
    to: Annotated[
        str,
        typer.Argument(
            metavar="STANDING",
            help="competing, baseline, organizer, withdrawn or disqualified.",
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why; kept in the record.", show_default=False)],
    file: ProjectFile = HERE,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Change what a team is to the competition, and make the board anew.

    competing: ranked. baseline, organizer: shown without rank. withdrawn, disqualified: not
    shown, submissions kept, pushes refused. It asks first where a team loses its rank.
    """
    from blueprint.people.team_standings import (
        demand_team,
        known_standing,
        set_standing,
        what_follows,
    )

    platform = open_here(file)
    wanted = known_standing(to)
    with platform.database.read() as connection:
        team = demand_team(connection, slug)
    if team.standing == "competing" != wanted and not yes:
        confirm(
            f"{team.slug} ({team.name}) becomes {wanted}: {what_follows(wanted)}.",
            word=team.slug,
            otherwise="not changed",
        )
    team = set_standing(platform, slug, to, reason, by=actor(), now=platform.clock())
    _publish(platform)
    if as_json:
        output.document({"team": team})
        return
    output.say(f"{team.slug}: {team.standing}; {what_follows(team.standing)}")
    output.say("the board was made anew without changing anybody's scores")


def rotate_code(slug: Slug, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Give a team another code to join with; the one before opens nothing any more."""
    from blueprint.people.team_codes import join_code, rotate_code_of

    platform = open_here(file)
    team = rotate_code_of(platform, slug, by=actor(), now=platform.clock())
    code = join_code(platform.state, team)
    if as_json:
        output.document({"team": team.slug, "code": code})
        return
    output.say(f"{team.slug}: the code is now {code}; its members see it on their account page")


def _publish(platform: "Platform") -> None:
    from blueprint.deploy.publishing import publish_now

    with output.working("making the board anew"):
        publish_now(platform, platform.clock())


def _document(team: "Team", members: list[str], candidates: list[str]) -> dict[str, object]:
    return {
        "slug": team.slug,
        "name": team.name,
        "created_at": team.created_at,
        "members": members,
        "asked_to_join": candidates,
        "standing": team.standing,
        "standing_reason": team.standing_reason,
        "standing_since": team.standing_since,
        "standing_by": team.standing_by,
    }
