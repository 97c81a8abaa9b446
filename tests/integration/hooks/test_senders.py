"""One protocol, two senders: Python over a Unix socket, and sh with curl over HTTP with a token."""

import asyncio
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

from blueprint.adapters import git, git_hook
from blueprint.ledger.submissions import get, list_submissions
from blueprint.serve.internal_api import make_hook_api
from tests.integration.hooks.pushes import CODE
from tests.integration.hooks.test_invalid_pushes import FOLDER, MADE

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment

TOKEN = "a-token-that-nobody-guesses-0123456789"
SHELL_HOOK = Path(git_hook.__file__).with_suffix(".sh")
BUSYBOX = shutil.which("busybox")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


needs_busybox = pytest.mark.skipif(BUSYBOX is None, reason="busybox is not installed")


@contextmanager
def hook_api(deployment: "Deployment") -> Iterator[str]:
    """Answer the hooks on a port of this machine, to whoever has the token."""
    api = make_hook_api(deployment.platform, lambda: None, TOKEN)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api, http="h11", lifespan="off", log_config=None))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def url(deployment: "Deployment") -> Iterator[str]:
    with hook_api(deployment) as made:
        yield made


@pytest.fixture(
    params=[
        "python",
        pytest.param("sh", marks=needs_curl),
        pytest.param("busybox", marks=[needs_curl, needs_busybox]),
    ]
)
def sender(
    request: pytest.FixtureRequest, clone: "Clone", deployment: "Deployment", tmp_path: Path
) -> Iterator["Clone"]:
    """A clone whose pushes are reported by one of the senders."""
    if request.param == "python":
        yield clone
        return
    with hook_api(deployment) as url:
        tools = busybox_tools(tmp_path / "tools") if request.param == "busybox" else None
        use_shell(clone, deployment, url, tmp_path, tools=tools)
        yield clone


def busybox_tools(folder: Path) -> Path:
    """Make a folder with all tools of a small image: busybox's own, git and curl."""
    assert BUSYBOX is not None
    folder.mkdir()
    subprocess.run([BUSYBOX, "--install", "-s", str(folder)], check=True)
    for program in ("git", "curl"):
        found = shutil.which(program)
        assert found is not None
        (folder / program).symlink_to(found)
    return folder


def use_shell(
    clone: "Clone",
    deployment: "Deployment",
    url: str,
    tmp_path: Path,
    token: str = TOKEN,
    *,
    tools: Path | None = None,
) -> None:
    for hook in git.HOOKS:
        path = deployment.repository / "hooks" / hook
        alone = "" if tools is None else f"PATH='{tools}' "
        path.write_text(f"#!/bin/sh\n{alone}exec sh '{SHELL_HOOK}' {hook}\n")
    secret = tmp_path / "hook.token"
    secret.write_text(f"{token}\n")
    secret.chmod(0o600)
    del clone.environment["DIYCHALLENGE_SOCKET"]
    clone.environment |= {
        "DIYCHALLENGE_HOOK_URL": url, "DIYCHALLENGE_HOOK_TOKEN": str(secret),
    }  # fmt: skip


def test_a_submission_is_checked_and_then_accepted(
    sender: "Clone", deployment: "Deployment"
) -> None:
    head = sender.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})

    pushed = sender.submit("1")

    one = get(deployment.platform.database, 1)
    assert pushed.accepted
    assert pushed.said.splitlines()[:2] == [
        "checked: brain-tissue/preliminary, reserved as submission 1",
        f"  commit {head[:12]} as submission/1, received 2027-06-15T12:00:00Z",
    ]
    assert pushed.said.splitlines()[-4:] == [
        "accepted: brain-tissue/preliminary, submission 1",
        f"  receipt {one.receipt['signature'][:16]}..., signed with the challenge's key",
        "  left: 2 of 3 in 24 hours",
        "  follow it at http://127.0.0.1:8123/portal/submissions/1",
    ]
    assert (one.username, one.commit_sha) == ("person-1", head)


@pytest.mark.parametrize(
    "name",
    [
        "01-empty",
        "40-no-submission-yaml",
        "41-nul-byte",
        "42-invalid-utf-8",
        "43-too-large",
        "50-symbolic-link",
        "52-newline-in-a-name",
        "54-name-that-is-not-utf-8",
        "57-fifty-thousand-files",
        "59-folders-without-files",
        "60-files-without-end",
        "65-tag-on-a-file",
        "66-faults-in-the-file-and-in-the-tree",
    ],
)
def test_a_broken_submission_is_refused_with_the_same_words(
    sender: "Clone", deployment: "Deployment", name: str
) -> None:
    sender.git("tag", "submission/1", MADE[name](sender))

    pushed = sender.push("submission/1")

    assert not pushed.accepted
    assert pushed.said == (FOLDER / f"{name}.expected").read_text(encoding="utf-8")
    assert list_submissions(deployment.platform.database) == []


def test_branches_of_odd_names_are_stored_and_told_how_to_submit(sender: "Clone") -> None:
    sender.commit({"note": "1"})

    pushed = sender.push('main:refs/heads/a"b', "main:refs/heads/ä")

    assert pushed.accepted
    assert pushed.said == (
        'stored: a"b, ä; work in progress is not evaluated\n'
        "to submit a commit: git tag submission/1 && git push origin submission/1\n"
    )


@pytest.mark.parametrize("count", [51, 300])
def test_too_many_refs_are_refused(sender: "Clone", count: int) -> None:
    sender.commit({"note": "1"})

    pushed = sender.push(*(f"main:refs/heads/b{number}" for number in range(count)))

    assert not pushed.accepted
    assert pushed.said.startswith("refused: a push changes at most 50 branches and tags")


def test_two_submissions_at_once_are_refused(sender: "Clone") -> None:
    sender.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})

    pushed = sender.push("main:refs/tags/submission/1", "main:refs/tags/submission/2")

    assert pushed.said.startswith("refused: one submission a push: submission/1, submission/2")


def test_without_an_answer_submissions_are_refused_and_branches_stored(
    sender: "Clone", deployment: "Deployment", tmp_path: Path
) -> None:
    for name in ("DIYCHALLENGE_SOCKET", "DIYCHALLENGE_HOOK_URL"):
        if name in sender.environment:
            sender.environment[name] = str(tmp_path / "nobody.sock")
    demand_closed(sender, deployment)


@needs_curl
def test_with_another_token_nothing_is_answered(
    clone: "Clone", deployment: "Deployment", url: str, tmp_path: Path
) -> None:
    use_shell(clone, deployment, url, tmp_path, token=TOKEN[:-1])

    demand_closed(clone, deployment)


def demand_closed(clone: "Clone", deployment: "Deployment") -> None:
    """Push without an answer of the platform: what it has to judge is refused."""
    clone.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})

    refused = [
        clone.submit("1"),
        clone.push("main:refs/tags/submission"),
        clone.push("main:refs/notes/commits"),
        clone.push(*(f"main:refs/heads/b{number}" for number in range(201))),
    ]
    stored = clone.push("main")

    for pushed in refused:
        assert not pushed.accepted
        assert pushed.said.startswith("refused: the platform did not answer")
    assert stored.accepted
    assert stored.said == "The platform did not answer; your branches are stored all the same.\n"
    assert list_submissions(deployment.platform.database) == []


def test_an_answer_that_is_lost_after_the_tag_was_stored_is_said(
    sender: "Clone", deployment: "Deployment"
) -> None:
    sender.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})
    hook = deployment.repository / "hooks" / "post-receive"
    hook.write_text(hook.read_text().replace("exec ", "env -u DIYCHALLENGE_SOCKET -u "
                                             "DIYCHALLENGE_HOOK_URL "))  # fmt: skip

    pushed = sender.submit("1")

    assert pushed.accepted
    assert pushed.said.endswith(
        "stored: submission/1; but the platform did not answer: its receipt cannot be shown here\n"
        "  it is registered within a few minutes: look in the portal before you push again\n"
    )
    assert deployment.sweep().confirmed == [1]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}",
     f"Bearer {TOKEN}x", "Bearer \xff"],
)  # fmt: skip
def test_the_hooks_address_answers_to_the_token_alone(url: str, authorization: str | None) -> None:
    given = [] if authorization is None else [authorization.encode("latin-1")]
    headers = [(b"authorization", value) for value in given]

    with httpx.Client(trust_env=False) as client:
        refused = client.post(f"{url}/hook/v2/pre-receive", content=b"{}", headers=headers)
        right = {"authorization": f"Bearer {TOKEN}"}
        known = client.post(f"{url}/hook/v2/pre-receive", content=b"{}", headers=right)
        elsewhere = client.post(f"{url}/wake", headers=right)

    assert refused.status_code == 401
    assert known.status_code == 409  # it is no report, and was read as one
    assert elsewhere.status_code == 404


def test_a_token_that_can_be_guessed_is_refused(deployment: "Deployment") -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        make_hook_api(deployment.platform, lambda: None, "short")
