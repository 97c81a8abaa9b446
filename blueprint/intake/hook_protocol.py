"""What the git hook reports of a push (docs/reference/hook-protocol.md), read with suspicion."""

from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from blueprint.errors import InputError

SUBMISSION = "refs/tags/submission/"
MAX_BODY_BYTES = 4 * 1024 * 1024
"""The internal API reads no more than this of a report."""

_Sha = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
_Ref = Annotated[str, Field(min_length=1, max_length=4096)]


class ProtocolError(InputError):
    """A report is not what the protocol says."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RefUpdate(_Part):
    """One ref of a push; an id of zeros stands for `no such ref`."""

    ref: _Ref
    old: _Sha
    new: _Sha

    @property
    def is_new(self) -> bool:
        """Whether this push makes the ref."""
        return set(self.old) == {"0"}

    @property
    def is_deleted(self) -> bool:
        """Whether this push deletes the ref."""
        return set(self.new) == {"0"}

    @property
    def is_submission(self) -> bool:
        """Whether the ref is a submission tag."""
        return self.ref.startswith(SUBMISSION)


class TagReport(_Part):
    """What is in a new submission tag; after the push was stored only `ref` and `commit`."""

    ref: _Ref
    commit: _Sha | None
    """None: the tag does not lead to a commit."""
    listing: Base64Bytes | None = None
    """What `git ls-tree -rtlz --full-tree` printed; None: git could not list the commit."""
    listing_complete: bool = False
    manifest: Base64Bytes | None = None
    """submission.yaml; None: the commit has no such file."""
    manifest_complete: bool = False


class PushReport(_Part):
    """One push, as the hook saw it."""

    protocol: Literal[2]
    username: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")]
    team: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")]
    refs: Annotated[tuple[RefUpdate, ...], Field(min_length=1, max_length=200)]
    refs_complete: bool
    tags: Annotated[tuple[TagReport, ...], Field(max_length=2)]
    """The first two submission tags that this push makes."""


def parse_report(body: bytes) -> PushReport:
    """Return the report in the body of a request.

    Raises:
        ProtocolError: It is larger than the bound, or is no report.
    """
    if len(body) > MAX_BODY_BYTES:
        raise ProtocolError(f"the report is larger than {MAX_BODY_BYTES} bytes")
    try:
        return PushReport.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProtocolError(f"not a report of the hook: {where}: {first['msg']}") from None
