"""An evaluator over a bench's platform whose jobs outlive it; started to be killed."""

import signal
import sys
import threading
from pathlib import Path

from blueprint.config.load import load
from blueprint.database.connection import open_sqlite
from blueprint.evaluate import host
from blueprint.evaluate.workshop import Workshop
from blueprint.platform import Platform
from blueprint.serve.ledger_desk import LedgerDesk
from blueprint.serve.workshop import embedded_store
from blueprint.state import StateFolder
from tests.integration.engines.detached import DetachedProcesses
from tests.integration.evaluation.bench import NOW
from tests.local_addresses import LOCAL


def main(folder: Path) -> None:
    state, project = StateFolder(folder / "state"), folder / "project"
    platform = Platform(
        load(project / "challenge.yaml"), project, state, open_sqlite(state.database),
        lambda: NOW, LOCAL,
    )  # fmt: skip
    engine = DetachedProcesses(folder / "jobs")
    workshop = Workshop(LedgerDesk(platform), embedded_store(platform), engine)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    host.work(workshop, ["gpu-1"], stop)


main(Path(sys.argv[1]))
