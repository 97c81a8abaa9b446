"""People of a database from before accounts, profiles and roles were tables of their own."""

import sqlite3
from contextlib import closing
from pathlib import Path

from blueprint.database.connection import open_sqlite
from blueprint.database.migrate import migrate
from blueprint.people.person import list_people
from blueprint.people.teams import list_teams
from tests.landed.landed import make_database


def test_everybody_keeps_id_name_status_and_team_and_nobodys_address_counts_as_proven(
    tmp_path: Path,
) -> None:
    file = make_database(tmp_path / "platform.db")
    with closing(sqlite3.connect(file)) as raw:
        before = raw.execute(
            "SELECT id, username, email, name, status, team_id, decided_by FROM people ORDER BY id"
        ).fetchall()

    with closing(open_sqlite(file)) as database:
        migrate(database)
        people, teams = list_people(database), list_teams(database)
        with database.read() as connection:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()

    assert before
    assert [
        (p.id, p.username, p.email, p.name, p.status, p.team_id, p.decided_by) for p in people
    ] == before
    assert {p.email_verified_at for p in people} == {None}
    assert {(team.standing, team.code_number) for team in teams} == {("competing", 0)}
    assert broken == []
