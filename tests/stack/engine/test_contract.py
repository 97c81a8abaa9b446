"""The engine port's contract on a real Docker engine: the tests of the process sandbox, shared."""

from tests.integration.engines.test_engine_contract import *  # noqa: F403
