"""Decides who may use which repository: a good token, an approved person, their own team."""

from dataclasses import dataclass, field

from blueprint.intake.repositories import embedded_repositories
from blueprint.people.admission import load_admission
from blueprint.people.git_tokens import token_login
from blueprint.platform import Platform
from blueprint.serve.basic_auth import basic_credentials
from blueprint.serve.git_gate import Member, RefusedError
from blueprint.threads import Threads

_THREADS = 8
_WAIT_S = 30.0
_ASK = "log in with your username, and a git token from the portal as the password"
_WRONG = "this username and token do not belong together, or the token was revoked: see the portal"


@dataclass(frozen=True)
class DatabaseGate:
    """The gate over the platform's database, with threads that nothing else takes."""

    platform: Platform
    threads: Threads = field(default_factory=lambda: Threads(_THREADS, wait_s=_WAIT_S))

    async def admit(self, authorization: str, team: str) -> Member:
        """Judge the `Authorization` header for a team; make its repository when absent."""
        credentials = basic_credentials(authorization)
        if credentials is None:
            raise RefusedError(401, _ASK)
        return await self.threads.run(self._judge, *credentials, team)

    def _judge(self, username: str, token: str, team: str) -> Member:
        platform, repositories = self.platform, embedded_repositories(self.platform)
        login = token_login(platform.database, username, token, platform.clock())
        if login is None:
            raise RefusedError(401, _WRONG)
        person = login.person
        with platform.database.read() as connection:
            admission = load_admission(connection, platform.challenge, person)
        if not admission.may_take_part:
            raise RefusedError(403, f"refused: {admission.reason}")
        if person.team_slug != team:
            own = repositories.clone_url(str(person.team_slug))
            raise RefusedError(403, f"refused: this is not your team's repository; yours is {own}")
        repositories.ensure(team)
        return Member(person.id, person.username, login.token_id)
