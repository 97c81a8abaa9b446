"""What is known of single files: found out by a worker, remembered by content."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blueprint.data.fact_cache import FactCache
from blueprint.data.file_digests import FileDigest, FileDigests
from blueprint.images import facts as volume_facts
from blueprint.images.facts import VolumeFacts

_VERSION = 1
"""Raise it when the reading of volumes changes: what an older version found is found out anew."""


@dataclass(frozen=True)
class Finding:
    """What came of opening one file: facts, or why there are none."""

    digest: FileDigest | None
    """None where the content could not be read at all."""
    facts: VolumeFacts | None
    refusal: str = ""
    """The rest of a sentence about the file; empty when there are facts."""


class Findings:
    """Findings by the content of a file; a file that was not touched is not read again."""

    def __init__(self, cache: FactCache) -> None:
        self._cache = cache
        self.digests = FileDigests(cache)

    def known(self, path: Path, *, is_mask: bool) -> Finding | None:
        """Return what is known of a file without reading it."""
        digest = self.digests.known(path)
        return None if digest is None else self.of_content(digest, is_mask=is_mask)

    def of_content(self, digest: FileDigest, *, is_mask: bool) -> Finding | None:
        """Return what is known of a content, wherever it lies."""
        value = self._cache.get(_key(digest, is_mask))
        if isinstance(value, str) and value:
            return Finding(digest, None, value)
        facts = volume_facts.from_json(value)
        # Facts of an image would lack the labels: a damaged entry, and so an unknown one.
        if facts is None or (facts.labels is not None) != is_mask:
            return None
        return Finding(digest, facts)

    def remember(self, finding: Finding, *, is_mask: bool) -> None:
        """Keep what was found in a content."""
        if finding.digest is not None:
            kept = finding.refusal or (finding.facts and volume_facts.to_json(finding.facts))
            self._cache.put({_key(finding.digest, is_mask): kept})


def to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON values."""
    digest = finding.digest
    return {
        "digest": None if digest is None else [digest.sha256, digest.size_bytes],
        "facts": None if finding.facts is None else volume_facts.to_json(finding.facts),
        "refusal": finding.refusal,
    }


def from_json(value: dict[str, Any]) -> Finding:
    """Return the finding in JSON values that `to_json` made."""
    digest = value["digest"]
    return Finding(
        None if digest is None else FileDigest(digest[0], digest[1]),
        volume_facts.from_json(value["facts"]),
        value["refusal"],
    )


def _key(digest: FileDigest, is_mask: bool) -> str:
    return f"volume:{_VERSION}:{'mask' if is_mask else 'image'}:{digest.sha256}"
