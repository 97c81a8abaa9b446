"""The log of a submission is bounded, replaced whole, and never worth more than the result."""

import logging
from pathlib import Path

import pytest

from blueprint.desk.port import MAX_LOG_BYTES, shortened
from blueprint.ledger.logs import keep_log, read_log
from blueprint.objects.directory import DirectoryObjects
from blueprint.objects.port import Source, Stored, StoreUnreachableError


def test_a_log_keeps_its_end_within_64_kib() -> None:
    content = shortened("é" * 100_000 + "the end\n").encode()

    assert len(content) <= MAX_LOG_BYTES
    assert content.startswith(b"[the beginning is left out: a log is at most 64 KiB]\n")
    assert content.decode("utf-8").endswith("ééthe end\n")


def test_a_log_is_replaced_as_it_grows(tmp_path: Path) -> None:
    logs = DirectoryObjects(tmp_path / "logs")
    assert read_log(logs, 7) is None
    keep_log(logs, 7, "one\n")
    keep_log(logs, 7, "one\ntwo é\n")

    assert read_log(logs, 7) == "one\ntwo é\n"
    assert (tmp_path / "logs" / "7.log").read_text("utf-8") == "one\ntwo é\n"
    assert read_log(logs, 8) is None


def test_a_log_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "7.log").write_bytes(b"one\n\xff")
    assert read_log(DirectoryObjects(tmp_path), 7) == "one\n\N{REPLACEMENT CHARACTER}"


def test_a_store_that_is_down_costs_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    class Down(DirectoryObjects):
        def put(self, key: str, source: Source, content_type: str) -> Stored:
            raise StoreUnreachableError(f"put {key}: no answer ({type(source)}, {content_type})")

    with caplog.at_level(logging.WARNING):
        keep_log(Down(Path("never")), 7, "one\n")
    assert "the log of submission 7 is not kept: put 7.log" in caplog.text
