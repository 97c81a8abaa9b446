"""Reads a posted form: one encoding, bounded in bytes and fields."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

MAX_FORM_BYTES = 64 * 1024
MAX_FORM_FIELDS = 100
ARRIVES_WITHIN_S = 30.0


class BadFormError(Exception):
    """The body is no form that this portal sends; `status` is the HTTP status to answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Form:
    """The fields of a form; a field that was not sent is empty."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a field's text."""
        return self.fields.get(name, "")


async def read_form(request: Request) -> Form:
    """Return the posted form; the last of two fields with one name counts.

    Raises:
        BadFormError: It is too large, has too many fields, or is not URL-encoded UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadFormError(415, "Forms are sent as application/x-www-form-urlencoded.")
    body = await _read_body(request)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=MAX_FORM_FIELDS,
            errors="strict",
        )
    except ValueError:  # also UnicodeDecodeError
        raise BadFormError(400, "The form cannot be read.") from None
    return Form(dict(pairs))


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(ARRIVES_WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_FORM_BYTES:
                    raise BadFormError(413, "The form is too large.")
    except TimeoutError:
        raise BadFormError(408, "The form did not arrive in time.") from None
    except ClientDisconnect:
        raise BadFormError(400, "The form did not arrive whole.") from None
    return bytes(body)
