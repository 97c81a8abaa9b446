"""Gitea answers with its web pages, its API, git over HTTP and git over SSH."""

from typing import Any

import httpx

from tests.stack.bench.commands import run
from tests.stack.bench.gitea import GiteaServer


def _ask(server: GiteaServer, path: str, **more: Any) -> httpx.Response:
    return httpx.request(
        more.pop("method", "GET"), f"{server.url}/api/v1{path}", trust_env=False, timeout=120,
        headers={"Authorization": f"token {server.token}"}, **more,
    )  # fmt: skip


def test_the_version_is_the_one_asked_for(gitea_server):
    assert _ask(gitea_server, "/version").json() == {"version": "1.27.3"}


def test_the_token_is_an_administrators(gitea_server):
    assert _ask(gitea_server, "/user").json()["is_admin"] is True


def test_its_pages_and_their_styles_are_there(gitea_server):
    page = httpx.get(f"{gitea_server.url}/user/login", trust_env=False, timeout=120)
    style = page.text.split('<link rel="stylesheet" href="', 1)[1].split('"', 1)[0]

    assert "Sign in" in page.text or "Sign In" in page.text
    assert len(httpx.get(gitea_server.url + style, trust_env=False, timeout=120).content) > 100_000


def test_git_goes_in_over_http_and_comes_out_over_ssh(gitea_server, tmp_path):
    made = _ask(gitea_server, "/user/repos", method="POST", json={"name": "walk", "private": True})
    assert made.status_code == 201, made.text
    key = tmp_path / "key"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
    public = {"title": "bench", "key": key.with_suffix(".pub").read_text()}
    assert _ask(gitea_server, "/user/keys", method="POST", json=public).status_code == 201
    first, second = tmp_path / "first", tmp_path / "second"
    run(["git", "init", "-q", first])
    (first / "hello").write_text("hello\n")
    who = ["-c", "user.name=bench", "-c", "user.email=bench@bench.example"]
    run(["git", "-C", first, "add", "hello"])
    run(["git", "-C", first, *who, "commit", "-q", "-m", "Say hello"])
    host = gitea_server.url.removeprefix("http://")

    run(["git", "-C", first, "push", "-q",
         f"http://{gitea_server.admin}:{gitea_server.token}@{host}/{gitea_server.admin}/walk.git",
         "HEAD:refs/heads/main"])  # fmt: skip
    ssh = f"ssh -i {key} -o IdentitiesOnly=yes -o UserKnownHostsFile={tmp_path}/known_hosts"
    run(["git", "clone", "-q", "--branch", "main",
         f"ssh://git@127.0.0.1:{gitea_server.ssh_port}/{gitea_server.admin}/walk.git", second],
        env={"GIT_SSH_COMMAND": f"{ssh} -o StrictHostKeyChecking=accept-new"})  # fmt: skip

    assert (second / "hello").read_text() == "hello\n"


def test_its_command_line_works_beside_the_server(gitea_server):
    assert gitea_server.admin in gitea_server.command("admin", "user", "list")
