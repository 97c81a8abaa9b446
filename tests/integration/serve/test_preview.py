"""The preview of hidden boards is for organizers alone."""

import httpx

from blueprint.people.person import find_person
from blueprint.people.roles import give_role
from blueprint.people.sessions import open_session
from tests.integration.serve.served import Served


def browser_of(served: Served, username: str) -> httpx.Client:
    with served.platform() as platform:
        person = find_person(platform.database, username)
        assert person is not None
        token, _ = open_session(platform.database, person.id, platform.clock())
    cookies = {"brain-tissue-session": token}
    return httpx.Client(base_url=served.url, cookies=cookies, trust_env=False, timeout=60)


def test_an_organizer_sees_the_preview_and_a_participant_does_not(served: Served) -> None:
    served.participant("olga", "Organizing")
    served.participant("pete", "Participating")
    with served.platform() as platform:
        give_role(platform, "olga", "organizer", by="test", now=platform.clock())

    with browser_of(served, "olga") as olga, browser_of(served, "pete") as pete:
        seen, hidden = olga.get("/portal/preview"), pete.get("/portal/preview")
    stranger = httpx.get(f"{served.url}/portal/preview", trust_env=False)

    assert seen.status_code == 200
    assert "Leaderboard: preview" in seen.text
    assert seen.headers["cache-control"] == "no-store"
    assert hidden.status_code == 404
    assert "Leaderboard: preview" not in hidden.text
    assert stranger.headers["location"] == "/portal/login?next=/portal/preview"
