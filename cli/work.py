"""`diychallenge work`: an evaluation host, on another machine than the platform."""

import logging
import os
import signal
import sys
import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.examples import examples

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MIB = 1024 * 1024
_TIMEOUT_S = 30.0
_log = logging.getLogger(__name__)


class EngineName(StrEnum):
    """What runs submissions."""

    AUTO = "auto"
    PROCESS = "process"
    DOCKER = "docker"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "diychallenge work --desk https://challenge.example.org:9443"
            " --certificates /etc/diychallenge --store /srv/evaluator"
        )
    )(work)


def work(
    *,
    desk: Annotated[str, typer.Option(help="The platform's runner API, https://HOST:PORT.")],
    certificates: Annotated[
        Path, typer.Option(help="The folder that `evaluators add` wrote, brought here.")
    ],
    store: Annotated[
        Path, typer.Option(help="This machine's own disk: cases, references, predictions.")
    ],
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Submissions evaluated side by side.")
    ] = 1,
    cpus: Annotated[
        int | None, typer.Option(min=1, help="Cores of each worker; by default its share.")
    ] = None,
    memory_mib: Annotated[
        int | None, typer.Option(min=1, help="MiB of each worker; by default its share.")
    ] = None,
    gpus: Annotated[
        int, typer.Option(min=0, max=64, help="GPUs that each worker may give to a run.")
    ] = 0,
    engine: Annotated[
        EngineName, typer.Option(help="What runs submissions; auto: Docker where it answers.")
    ] = EngineName.PROCESS,
) -> None:
    """Evaluate submissions of a platform on another machine.

    This machine holds the test data: scores leave it, ground truth never does. It holds no
    database and no repository. SIGTERM or Ctrl-C gives back what is under way.
    """
    from blueprint.adapters.runner_client import RunnerClient
    from blueprint.adapters.runner_files import CERTIFICATE
    from blueprint.data.fact_cache import FactCache
    from blueprint.data.file_digests import FileDigests
    from blueprint.desk.certificate_name import name_in
    from blueprint.desk.http_desk import HttpDesk
    from blueprint.desk.ticket import Offers
    from blueprint.evaluate import host
    from blueprint.evaluate.engines import choose_engine
    from blueprint.evaluate.store import store_at
    from blueprint.evaluate.workshop import Workshop

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=_FORMAT)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every question
    client = RunnerClient(desk, certificates, timeout_s=_TIMEOUT_S)
    name = name_in(certificates / CERTIFICATE)
    stop = _stop_event()
    hidden = (store.resolve(), certificates.resolve())
    chosen = choose_engine(engine.value, hidden=hidden, scratch=store.resolve())
    _log.info("engine: %s (%s)", chosen.engine.name, chosen.why)
    workshop = Workshop(
        desk=HttpDesk(client, stopping=stop),
        store=store_at(store.resolve()),
        engine=chosen.engine,
        offers=Offers(
            cpus or max(1, len(os.sched_getaffinity(0)) // workers),
            memory_mib or max(1, _memory_mib() // workers),
            gpus,
            chosen.engine.name,
        ),
        digests=FileDigests(FactCache(store.resolve() / "cache")),
    )
    try:
        host.work(workshop, [f"{name}/{number}" for number in range(1, workers + 1)], stop)
    finally:
        client.close()


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _memory_mib() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
