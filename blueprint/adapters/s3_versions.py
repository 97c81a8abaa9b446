"""Reads a page of an S3 server's list of versions: the few words of it that are used."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from blueprint.errors import ToolError


@dataclass(frozen=True)
class Version:
    """One version of an object, no mark of deletion."""

    key: str
    version: str


@dataclass(frozen=True)
class Page:
    """A page of the list; the two last fields tell where the next one begins, empty: nowhere."""

    versions: tuple[Version, ...]
    next_key: str
    next_version: str


def read_page(document: bytes) -> Page:
    """Return what a `ListVersionsResult` says.

    Raises:
        ToolError: It is none.
    """
    try:
        root = ET.fromstring(document)  # noqa: S314  # our own store's: no stranger wrote it
    except ET.ParseError:
        raise ToolError("the S3 server's list of versions cannot be read") from None
    found = tuple(
        Version(_text(one, "Key"), _text(one, "VersionId")) for one in _children(root, "Version")
    )
    is_cut = _text(root, "IsTruncated") == "true"
    return Page(
        found,
        _text(root, "NextKeyMarker") if is_cut else "",
        _text(root, "NextVersionIdMarker") if is_cut else "",
    )


def _children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (child for child in element if child.tag.rpartition("}")[2] == name)


def _text(element: ET.Element, name: str) -> str:
    return next((child.text or "" for child in _children(element, name)), "")
