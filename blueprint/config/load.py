"""Reads challenge.yaml into one frozen Challenge, or says everything that is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blueprint.config import (
    check_certificate,
    check_engine,
    check_files,
    check_folders,
    check_ignored,
    check_metrics,
    check_ranking,
    check_references,
    check_regions,
    check_schedule,
    check_server,
    units,
)
from blueprint.config.draft import Draft
from blueprint.config.faults import ConfigFaults, Fault
from blueprint.config.later import LATER_KEYS, LATER_VALUES
from blueprint.config.locate import Document
from blueprint.config.model import Challenge
from blueprint.config.reference import hint_for
from blueprint.config.validate import fit
from blueprint.config.vocabulary import Vocabulary
from blueprint.config.yaml_reader import YamlLimits, parse_yaml
from blueprint.errors import InputError

VOCABULARY = Vocabulary(Challenge, hint_for, LATER_KEYS, LATER_VALUES)
_LIMITS = YamlLimits()


@dataclass(frozen=True)
class Reading:
    """A challenge.yaml that was read: the challenge, or what is wrong, or both."""

    document: Document
    challenge: Challenge | None
    """None where the file is so wrong that it describes none."""
    faults: tuple[Fault, ...]


def load(path: Path, *, base: Path | None = None, check_data: bool = True) -> Challenge:
    """Return the challenge that `path` describes.

    Args:
        path: challenge.yaml.
        base: The folder that paths in the file are relative to; the file's own by default.
        check_data: Also look whether the folders that the file names hold what they should
            (their files are not opened: that is `data.check`). What was deployed is read
            without: a disk that is away must not stop the platform.

    Raises:
        ConfigFaults: The file has faults; all of them are named, in file order.
        InputError: There is no such file, or it cannot be read.
    """
    folder = path.parent if base is None else base
    return parse_challenge(_read(path), file=str(path), base=folder if check_data else None)


def read_challenge(path: Path, *, base: Path | None = None) -> Reading:
    """Return what `path` describes and all that is wrong with it and with its folders.

    Args:
        path: challenge.yaml.
        base: The folder that paths in the file are relative to; the file's own by default.

    Raises:
        ConfigFaults: It is so broken that nothing can be read from it.
        InputError: There is no such file, or it cannot be read.
    """
    return _reading(_read(path), file=str(path), base=path.parent if base is None else base)


def parse_challenge(data: bytes, *, file: str, base: Path | None = None) -> Challenge:
    """Return the challenge that `data` describes.

    Args:
        data: The bytes of a challenge.yaml.
        file: Its name as messages show it.
        base: The folder that paths in it are relative to; None to leave folders unchecked.

    Raises:
        ConfigFaults: It has faults; all of them are named, in file order.
    """
    reading = _reading(data, file=file, base=base)
    if reading.challenge is None or reading.faults:
        raise ConfigFaults(reading.faults)
    return reading.challenge


def _reading(data: bytes, *, file: str, base: Path | None) -> Reading:
    document, faults = parse_yaml(data, file=file, limits=_LIMITS)
    context = {"timezone": _timezone(document)}
    challenge, misfits = fit(document, Challenge, vocabulary=VOCABULARY, context=context)
    # What YAML itself finds at a place says all that is to be said about it.
    said = {fault.path for fault in faults}
    faults += [fault for fault in misfits if fault.path not in said]
    draft = Draft(document, context)
    faults += _checked(draft)
    if base is not None:
        faults += check_files.check(draft, base)
        faults += check_certificate.check(draft, base)
    return Reading(document, challenge, tuple(faults))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LIMITS.max_bytes + 1)
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no such file",
            hint="`diychallenge init` writes a new challenge; `--file` names another place",
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            f"{path}: cannot be read: {reason}", hint="name a file that this user may read"
        ) from None


def _checked(draft: Draft) -> Iterator[Fault]:
    yield from check_references.check(draft)
    yield from check_engine.check(draft)
    yield from check_schedule.check(draft)
    yield from check_ignored.check(draft)
    yield from check_regions.check(draft)
    yield from check_metrics.check(draft)
    yield from check_ranking.check(draft)
    yield from check_folders.check(draft)
    yield from check_server.check(draft)


def _timezone(document: Document) -> str:
    name = document.at(("challenge", "timezone"))
    try:
        units.parse_zone(str(name))
    except ValueError:
        # That is a fault of its own; every date need not repeat it.
        return "UTC"
    return str(name)
