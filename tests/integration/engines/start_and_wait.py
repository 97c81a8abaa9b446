"""Starts a job on an engine, says so, and waits to be killed: an evaluator that dies."""

import sys
import time
from pathlib import Path

from tests.integration.engines.conftest import Site, make_engine

kind, folder, marker, program = sys.argv[1:]
engine = make_engine(kind, Path(folder))
site = Site(kind, Path(folder), engine, marker)
engine.start(site.job(Path(program).read_text()))
sys.stdout.write("started\n")
sys.stdout.flush()
time.sleep(120)
