"""The runner API against strangers, wrong certificates, odd bodies, and lines that break."""

import asyncio
import http.client
import json
import shutil
import socket
import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.adapters.runner_client import RunnerClient, UnreachableError
from blueprint.clock import system_clock
from blueprint.desk.http_desk import HttpDesk
from blueprint.desk.port import DeskUnreachableError
from blueprint.errors import ConflictError, InputError
from blueprint.ledger import history
from blueprint.ledger.submissions import get
from blueprint.serve.runner_address import RunnerAddress
from blueprint.serve.runner_certificates import add_worker, list_workers, remove_worker
from blueprint.serve.runners import answering_runners
from blueprint.state import StateFolder
from tests.integration.desk.counter import Counter, Line, Served, client_of
from tests.integration.desk.test_desk_contract import BROKEN, WAY, leased, ready_to_record, result
from tests.integration.evaluation.bench import Bench
from tests.integration.git_gateway.client import wait_until

Bad = tuple[type[BaseException], ...]
NO_ANSWER: Bad = (ssl.SSLError, ConnectionError, http.client.HTTPException)


def ask(port: int, context: ssl.SSLContext | None, path: str = "/runner/v1/lease") -> int:
    """Ask as a client of its own making, and return the status."""
    if context is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    else:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    try:
        connection.request("POST", path, body=b'{"worker": "gpu-1/1"}')
        return connection.getresponse().status
    finally:
        connection.close()


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "platform.pem"))


@pytest.fixture
def certificates(api: Served, tmp_path: Path) -> Path:
    return add_worker(api.state, "gpu-1", tmp_path / "gpu-1", system_clock())


def test_nobody_without_a_certificate_gets_an_answer(api: Served, certificates: Path) -> None:
    context = trusting(certificates)
    with pytest.raises(NO_ANSWER):
        ask(api.port, context)
    with pytest.raises(NO_ANSWER):
        ask(api.port, None)

    context.load_cert_chain(certificates / "worker.pem", certificates / "worker.key")
    assert ask(api.port, context) == 204


def test_a_certificate_of_another_authority_gets_no_answer(
    api: Served, certificates: Path, tmp_path: Path
) -> None:
    elsewhere = StateFolder(tmp_path / "elsewhere")
    elsewhere.keys.mkdir(parents=True)
    stranger = add_worker(elsewhere, "gpu-1", tmp_path / "stranger", system_clock())
    context = trusting(certificates)
    context.load_cert_chain(stranger / "worker.pem", stranger / "worker.key")

    with pytest.raises(NO_ANSWER):
        ask(api.port, context)


def test_a_worker_trusts_no_other_platform(api: Served, certificates: Path, tmp_path: Path) -> None:
    elsewhere = StateFolder(tmp_path / "elsewhere")
    elsewhere.keys.mkdir(parents=True)
    add_worker(elsewhere, "gpu-1", tmp_path / "stranger", system_clock())
    shutil.copy(tmp_path / "stranger" / "platform.pem", certificates)
    client = RunnerClient(f"https://127.0.0.1:{api.port}", certificates, timeout_s=20)

    with pytest.raises(UnreachableError, match=r"(?i)certificate"):
        client.post("/runner/v1/lease", b"{}", max_bytes=1000)

    client.close()


def test_a_removed_worker_is_shut_out_in_the_middle_of_a_connection(
    api: Served, tmp_path: Path
) -> None:
    with client_of(api, tmp_path / "certificates") as client:
        desk = HttpDesk(client)
        assert desk.lease("gpu-1/1", None) is None

        remove_worker(api.state, "gpu-1")

        with pytest.raises(InputError, match="the platform does not know this worker"):
            desk.lease("gpu-1/1", None)


def test_a_worker_speaks_for_itself_alone(remote: Counter) -> None:
    ticket = leased(remote)
    for other in ("gpu-2/1", "gpu-2", "gpu-10"):
        with pytest.raises(InputError, match="the certificate is that of gpu-1"):
            remote.desk.lease(other, None)
        with pytest.raises(InputError, match="the certificate is that of gpu-1"):
            remote.desk.release(other)

    assert remote.desk.keep(ticket.hold) == "renewed"


def test_names_that_are_the_platforms_own_are_refused(api: Served, tmp_path: Path) -> None:
    for name in ("embedded-1", "Gpu", "a/b", "../a", ""):
        with pytest.raises(InputError, match="no name for an evaluation host"):
            add_worker(api.state, name, tmp_path / "x", system_clock())
    add_worker(api.state, "gpu-1", tmp_path / "gpu-1", system_clock())
    with pytest.raises(ConflictError, match="known already"):
        add_worker(api.state, "gpu-1", tmp_path / "other", system_clock())
    assert [name for name, _ in list_workers(api.state)] == ["gpu-1"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("lease", b"", 400),
        ("lease", b"[]", 400),
        ("lease", b'{"worker": "../../x"}', 400),
        ("keep", b'{"hold": {}}', 400),
        ("lease", b'{"worker": "gpu-1/1", "offers": {"cpus": 0, "memory_mib": 1}}', 400),
        ("lease", b" " * (1024 * 1024 + 1), 413),
        ("elsewhere", b"{}", 404),
    ],
)
def test_odd_questions_are_refused_and_bounded(
    api: Served, tmp_path: Path, path: str, body: bytes, status: int
) -> None:
    with client_of(api, tmp_path / "certificates") as client:
        found, _ = client.post(f"/runner/v1/{path}", body, max_bytes=10_000)

    assert found == status


def test_words_of_a_worker_cannot_steer_a_terminal(remote: Counter) -> None:
    ticket = leased(remote)

    remote.desk.advance(ticket.hold, "checked", "one\x1b]0;owned\x07\nline\x00")
    remote.desk.keep(ticket.hold, log="\x1b[31mred\x07\n")

    database = remote.bench.platform.database
    note = history.events_of(database, ticket.submission_id)[-1].note
    log = remote.bench.log(get(database, ticket.submission_id))
    assert "\x1b" not in note + log
    assert "\n" not in note
    assert "red" in log


def test_a_lost_answer_to_a_lease_gives_the_same_ticket(remote: Counter, line: Line) -> None:
    assert remote.desk.lease(remote.worker, None) is None  # the line is up
    number = remote.push()
    line.swallow_next_answer()
    with pytest.raises(DeskUnreachableError):
        remote.desk.lease(remote.worker, None)
    assert line.swallowed == 1
    assert get(remote.bench.platform.database, number).worker == remote.worker

    ticket = remote.desk.lease(remote.worker, None)

    assert ticket is not None
    assert (ticket.submission_id, ticket.hold.attempt) == (number, 1)


def test_a_lost_answer_to_a_result_records_it_once(remote: Counter, line: Line) -> None:
    ticket = ready_to_record(remote)
    line.swallow_next_answer()

    remote.desk.record(ticket.hold, result(), log="done\n")

    assert line.swallowed == 1
    database = remote.bench.platform.database
    assert get(database, ticket.submission_id).state == "scored"
    assert len(history.scores_of(database, ticket.submission_id)) == 6
    assert len(history.attempts_of(database, ticket.submission_id)) == 1


def test_a_lost_answer_to_a_move_or_a_fault_does_nothing_twice(remote: Counter, line: Line) -> None:
    ticket = leased(remote)
    line.swallow_next_answer()
    remote.desk.advance(ticket.hold, WAY[0])
    line.swallow_next_answer()
    remote.desk.fail(ticket.hold, BROKEN)

    assert line.swallowed == 2
    database = remote.bench.platform.database
    states = [event.to_state for event in history.events_of(database, ticket.submission_id)]
    assert states == ["checked", "failed"]


def test_files_that_were_cut_off_are_fetched_again(
    remote: Counter, line: Line, tmp_path: Path
) -> None:
    ticket = leased(remote, predict_py="print(1)\n" * 100_000)
    folder = tmp_path / "code"
    folder.mkdir()
    line.swallow_next_answer()

    assert remote.desk.fetch_code(ticket.hold, folder) == 1

    assert line.swallowed == 1
    assert (folder / "predict.py").read_text() == "print(1)\n" * 100_000
    wait_until(lambda: not list((tmp_path / "spool").iterdir()))  # it has the answer before that


def test_a_platform_that_restarts_is_waited_for(api: Served, tmp_path: Path) -> None:
    with client_of(api, tmp_path / "certificates") as client:
        counter = Counter(HttpDesk(client, patience_s=20), api.ledger, api.bench)
        ticket = ready_to_record(counter)
        api.stop()
        again = threading.Timer(1.5, api.start)
        again.start()

        counter.desk.record(ticket.hold, result())
        again.join()

    assert get(api.bench.platform.database, ticket.submission_id).state == "scored"


def test_patience_ends(bench: Bench, tmp_path: Path) -> None:
    state = bench.platform.state
    folder = add_worker(state, "gpu-1", tmp_path / "gpu-1", system_clock())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = int(silent.getsockname()[1])
    client = RunnerClient(f"https://127.0.0.1:{port}", folder, timeout_s=5)
    began = time.monotonic()

    with pytest.raises(DeskUnreachableError, match="does not answer"):
        HttpDesk(client, patience_s=1).release("gpu-1")

    assert time.monotonic() - began < 60  # else it tries for ever
    client.close()


def test_a_certificate_folder_that_is_not_whole_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"platform\.pem: is missing"):
        RunnerClient("https://127.0.0.1:1", tmp_path, timeout_s=5)
    with pytest.raises(InputError, match="begins with https"):
        RunnerClient("http://127.0.0.1:1", tmp_path, timeout_s=5)


def test_a_ticket_over_the_wire_has_no_more_than_the_page_says(api: Served, tmp_path: Path) -> None:
    api.bench.push({"predict.py": "print(1)"})
    with client_of(api, tmp_path / "certificates") as client:
        _, body = client.post("/runner/v1/lease", b'{"worker": "gpu-1/1"}', max_bytes=100_000)

    page = Path(__file__).resolve().parents[3] / "docs" / "reference" / "runner-api.md"
    text = page.read_text("utf-8")
    assert [key for key in json.loads(body) if f"`{key}`" not in text] == []


def shown_to(port: int, called: str, context: ssl.SSLContext) -> None:
    """Connect as a host does that calls the platform so; its certificate is verified."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=called),
    ):
        pass


def test_hosts_verify_the_platform_under_every_name_that_the_organizer_gives(
    bench: Bench, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = add_worker(bench.platform.state, "gpu-1", tmp_path / "gpu-1", system_clock())
    context = trusting(folder)
    context.load_cert_chain(folder / "worker.pem", folder / "worker.key")
    platform = replace(bench.platform, clock=system_clock)  # TLS looks at the real time
    address = RunnerAddress("127.0.0.1", port, ("platform.example.org", "192.0.2.7"))

    async def look() -> None:
        async with answering_runners(platform, address, lambda: None):
            for called in ("127.0.0.1", "platform.example.org", "192.0.2.7"):
                await asyncio.to_thread(shown_to, port, called, context)
            with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
                await asyncio.to_thread(shown_to, port, "elsewhere.example.org", context)

    asyncio.run(look())
