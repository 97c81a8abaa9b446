"""`diychallenge receipt`: proof that a submission was accepted."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.examples import examples
from cli.options import AsJson


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="receipt", help="Prove that a submission was accepted.",
                      no_args_is_help=True)  # fmt: skip
    app.command(epilog=examples("diychallenge receipt verify receipt.json --key receipt-key.pub"))(
        verify
    )
    # A group with one command: without this, Typer makes the command the group.
    app.callback()(_group)
    return app


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The receipt, as the portal gives it out.")
    ],
    *,
    key: Annotated[
        str,
        typer.Option(
            help="The challenge's public key: a file, or the line ed25519:... itself. It is"
            " published as /receipt-key.pub; keep your own copy."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Verify a receipt offline, with the challenge's public key."""
    from blueprint.errors import InputError
    from blueprint.intake.receipts import MAX_RECEIPT_BYTES, parse_receipt, verify_receipt
    from blueprint.signing import parse_public

    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_RECEIPT_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    receipt = verify_receipt(parse_receipt(data), parse_public(_key_line(key)))
    if as_json:
        output.document({"good": True, "receipt": receipt.model_dump()})
        return
    output.say("good: the challenge signed this receipt")
    output.facts(receipt.model_dump(exclude={"receipt", "signature", "key"}))


def _group() -> None:
    """Prove that a submission was accepted."""


def _key_line(key: str) -> str:
    from blueprint.errors import InputError

    if key.startswith("ed25519:"):
        return key
    try:
        return Path(key).read_text(encoding="ascii")[:200]
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"--key: {key!r} is neither a public key nor a file with one",
            hint="a public key is one line, ed25519:<base64>",
        ) from None
