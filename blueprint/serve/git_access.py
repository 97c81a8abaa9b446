"""Decides who may use which repository: a good token, an approved person, their own team."""

from dataclasses import dataclass

from anyio import to_thread

from blueprint.intake.repositories import embedded_repositories
from blueprint.people.admission import admitted, load_admission
from blueprint.people.git_tokens import person_for_token
from blueprint.platform import Platform
from blueprint.serve.basic_auth import basic_credentials
from blueprint.serve.git_gateway import Member, Refusal

_ASK = Refusal(401, "log in with your username, and a git token from the portal as the password")
_WRONG = Refusal(
    401, "this username and token do not belong together, or the token was revoked: see the portal"
)


@dataclass(frozen=True)
class DatabaseGate:
    """The gate over the platform's database."""

    platform: Platform

    async def admit(self, authorization: str, team: str) -> Member | Refusal:
        """Judge the `Authorization` header for a team; make its repository when absent."""
        credentials = basic_credentials(authorization)
        if credentials is None:
            return _ASK
        return await to_thread.run_sync(self._judge, *credentials, team)

    async def is_admitted(self, person_id: int) -> bool:
        """Tell whether the person may (still) take part."""
        return await to_thread.run_sync(self._may_take_part, person_id)

    def _judge(self, username: str, token: str, team: str) -> Member | Refusal:
        platform, repositories = self.platform, embedded_repositories(self.platform)
        person = person_for_token(platform.database, username, token, platform.clock())
        if person is None:
            return _WRONG
        with platform.database.read() as connection:
            admission = load_admission(connection, platform.challenge, person)
        if not admission.may_take_part:
            return Refusal(403, f"refused: {admission.reason}")
        if person.team_slug != team:
            own = repositories.clone_url(str(person.team_slug))
            return Refusal(403, f"refused: this is not your team's repository; yours is {own}")
        repositories.ensure(team)
        return Member(person.id, person.username)

    def _may_take_part(self, person_id: int) -> bool:
        with self.platform.database.read() as connection:
            return admitted(connection, self.platform.challenge, person_id) is not None
