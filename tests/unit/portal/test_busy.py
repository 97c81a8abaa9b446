"""Passwords are compared in threads of their own: pages and pushes do not wait for them."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from blueprint.people import passwords
from blueprint.threads import BusyError, Threads


@pytest.fixture
def slow_passwords(monkeypatch):
    """Make each comparison take until the test lets it go on."""
    may_go_on = threading.Event()
    real = passwords.is_password

    def is_password(stored, password, **how):
        may_go_on.wait(60)
        return real(stored, password, **how)

    monkeypatch.setattr(passwords, "is_password", is_password)
    yield may_go_on
    may_go_on.set()


def log_in(portal, number):
    browser = portal.browser()
    browser.http.timeout = httpx.Timeout(120)
    fields = {"username": f"nobody-{number}", "password": "wrong"}
    return browser.send("/portal/login", fields).status_code


def test_a_page_does_not_wait_for_passwords(portal, slow_passwords):
    with ThreadPoolExecutor(60) as pool:
        logins = [pool.submit(log_in, portal, number) for number in range(60)]
        time.sleep(1.0)
        begun = time.monotonic()
        page = httpx.get(f"{portal.url}/portal/register", timeout=120, trust_env=False)
        took_s = time.monotonic() - begun
        slow_passwords.set()
        codes = {login.result() for login in logins}

    assert page.status_code == 200
    assert took_s < 20  # the passwords take sixty
    assert codes <= {401, 429, 503}


def test_threads_of_one_purpose_leave_those_of_another_alone():
    may_go_on = threading.Event()

    async def run() -> tuple[str, str]:
        logins, pages = Threads(2, wait_s=0.2), Threads(2, wait_s=0.2)
        busy = [asyncio.create_task(logins.run(may_go_on.wait, 20)) for _ in range(2)]
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError, match=r"no thread came free within 0\.2 s"):
            await logins.run(str, 1)
        answer = await pages.run(str, 2)
        may_go_on.set()
        await asyncio.gather(*busy)
        return answer, await logins.run(str, 3)

    assert asyncio.run(run()) == ("2", "3")
