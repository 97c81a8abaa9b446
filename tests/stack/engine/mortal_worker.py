"""An evaluator over a bench's platform whose runs are containers; started to be killed."""

import logging
import signal
import sys
import threading
from pathlib import Path

from blueprint.config.load import load
from blueprint.database.connection import open_sqlite
from blueprint.evaluate import host
from blueprint.evaluate.containers.engine import DockerEngine
from blueprint.evaluate.workshop import Workshop
from blueprint.platform import Platform
from blueprint.serve.ledger_desk import LedgerDesk
from blueprint.serve.workshop import embedded_store
from blueprint.state import StateFolder
from tests.integration.evaluation.bench import NOW
from tests.local_addresses import LOCAL


def main(folder: Path) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    state, project = StateFolder(folder / "state"), folder / "project"
    platform = Platform(
        load(project / "challenge.yaml"), project, state, open_sqlite(state.database),
        lambda: NOW, LOCAL,
    )  # fmt: skip
    engine = DockerEngine(hidden=[state.root, project])
    workshop = Workshop(LedgerDesk(platform), embedded_store(platform), engine)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    host.work(workshop, ["gpu-1"], stop)


main(Path(sys.argv[1]))
