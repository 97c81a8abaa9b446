"""SSH keys and git tokens: adding them, seeing them, taking them away."""

from starlette.responses import Response

from blueprint.people.forms import FormFaults
from blueprint.people.git_tokens import issue_token, list_tokens, revoke_token, rotate_token
from blueprint.people.ssh_keys import add_key, list_keys, remove_key
from blueprint.portal.visit import Visit


def show_keys(visit: Visit) -> Response:
    """Show the person's SSH keys and the form for another."""
    return _keys_page(visit)


def add_ssh_key(visit: Visit) -> Response:
    """Add a key, or say what is wrong with it."""
    label, text = visit.form.text("label"), visit.form.text("public_key")
    try:
        add_key(visit.platform.database, visit.person.id, text, label, visit.now)
    except FormFaults as error:
        hint = error.hint or ""
        values = {"label": label, "public_key": text}
        return _keys_page(visit, status=422, values=values, faults=error.fields, hint=hint)
    return visit.go("/portal/keys")


def remove_ssh_key(visit: Visit) -> Response:
    """Take a key away; what it opened ends."""
    remove_key(visit.platform.database, visit.person.id, visit.number("key"), visit.now)
    visit.portal.services.access_changed()
    return visit.go("/portal/keys")


def show_tokens(visit: Visit) -> Response:
    """Show the person's tokens, without the tokens, and the form for another."""
    return _tokens_page(visit)


def make_token(visit: Visit) -> Response:
    """Make a token and show it in this answer alone."""
    label = visit.form.text("label")
    try:
        token, _ = issue_token(visit.platform.database, visit.person.id, label, visit.now)
    except FormFaults as error:
        return _tokens_page(visit, status=422, faults=error.fields, label=label)
    return _tokens_page(visit, token=token)


def renew_token(visit: Visit) -> Response:
    """Replace a token, and show the new one in this answer alone."""
    database, number = visit.platform.database, visit.number("token")
    token, _ = rotate_token(database, visit.person.id, number, visit.now)
    visit.portal.services.access_changed()
    return _tokens_page(visit, token=token)


def end_token(visit: Visit) -> Response:
    """Revoke a token."""
    revoke_token(visit.platform.database, visit.person.id, visit.number("token"), visit.now)
    visit.portal.services.access_changed()
    return visit.go("/portal/tokens")


def _keys_page(
    visit: Visit,
    *,
    status: int = 200,
    values: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    hint: str = "",
) -> Response:
    return visit.page(
        "keys.html",
        status=status,
        keys=list_keys(visit.platform.database, visit.person.id),
        values=values or {},
        faults=faults or {},
        hint=hint,
    )


def _tokens_page(
    visit: Visit,
    *,
    status: int = 200,
    token: str = "",
    label: str = "",
    faults: dict[str, str] | None = None,
) -> Response:
    return visit.page(
        "tokens.html",
        status=status,
        tokens=list_tokens(visit.platform.database, visit.person.id),
        token=token,
        label=label,
        faults=faults or {},
    )
