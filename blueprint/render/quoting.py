"""Quotes a value for the file it is written into, so that it means itself and nothing else.

Every filter returns `Markup`, which the templates' environment takes as quoted; a plain string is
refused there. What a format has no quoting for is refused here, with the value in words.
"""

import json
import re
import shlex
from collections.abc import Callable, Mapping

from markupsafe import Markup

from blueprint.config.faults import shown
from blueprint.errors import InputError

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_SSHD = re.compile(r"[A-Za-z0-9_./:,@+=-]+")
_NGINX = re.compile(r"[^\x00-\x1f\x7f$]*")
_INI = re.compile(r"[^\s;#`\"'\\%{}]([^\x00-\x1f\x7f;#`\"'\\%{}]*[^\s;#`\"'\\%{}])?")
_SHORT = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def yaml(value: object) -> Markup:
    """Return a YAML scalar: text is plain where nothing can be read into it, else in quotes."""
    if value is None or isinstance(value, bool | int | float):
        return Markup(json.dumps(value, allow_nan=False))  # noqa: S704 (a number, a word)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return Markup(text)  # noqa: S704 (nothing in it is special)
    return Markup(f'"{"".join(_escaped(c) for c in text)}"')  # noqa: S704 (escaped)


def compose(value: object) -> Markup:
    """Return a YAML scalar of a Compose file, in which `$` would begin a variable."""
    return yaml(value.replace("$", "$$") if isinstance(value, str) else value)


def ansible(value: object) -> Markup:
    """Return a YAML scalar of a playbook or inventory, in which `{{` would begin a template."""
    if isinstance(value, str) and any(mark in value for mark in ("{{", "{%", "{#")):
        return Markup("!unsafe ") + yaml(value)
    return yaml(value)


def to_json(value: object) -> Markup:
    """Return JSON in ASCII that is inert inside a page's script element too."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 (escaped)


def nginx(value: object) -> Markup:
    """Return an nginx argument in quotes; `$` and control characters have no quoting there."""
    text = _demand(_NGINX, value, "an nginx configuration")
    return Markup('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')  # noqa: S704


def sshd(value: object) -> Markup:
    """Return an argument of sshd_config: letters, digits and a few signs."""
    return Markup(_demand(_SSHD, value, "sshd_config"))  # noqa: S704 (nothing else passed)


def shell(value: object) -> Markup:
    """Return one word of a POSIX shell."""
    text = str(value)
    if "\x00" in text:
        raise _refused(text, "a shell script")
    return Markup(shlex.quote(text))  # noqa: S704 (quoted)


def ini(value: object) -> Markup:
    """Return the value of an INI file; readers differ in quoting, so what would need it is refused.

    Comments, quotes, `%`, braces, control characters and spaces at the ends.
    """
    return Markup(_demand(_INI, value, "an INI file"))  # noqa: S704 (nothing else passed)


def systemd(value: object) -> Markup:
    """Return one word of a unit file, in which `%` and `$` would be expanded."""
    text = str(value)
    quoted = "".join(_escaped(c) for c in text).replace("%", "%%").replace("$", "$$")
    return Markup(f'"{quoted}"')  # noqa: S704 (escaped)


def markdown(value: object) -> Markup:
    """Return one line of text in a Markdown page: no markup, no element, no line break."""
    text = " ".join(str(value).split())
    text = "".join(c if c.isprintable() else _escaped(c) for c in text)
    return Markup(re.sub(r"([\\`*_{}\[\]()#+\-.!<>|&~$])", r"\\\1", text))  # noqa: S704


def comment(value: object) -> Markup:
    """Return text behind a `#` in any file: one printable line."""
    return Markup("".join(c if c.isprintable() else _escaped(c) for c in str(value)))  # noqa: S704


FILTERS: Mapping[str, Callable[[object], Markup]] = {
    "yaml": yaml, "compose": compose, "ansible": ansible, "json": to_json, "nginx": nginx,
    "sshd": sshd, "shell": shell, "ini": ini, "systemd": systemd, "markdown": markdown,
    "comment": comment,
}  # fmt: skip
"""The name of each filter in the templates."""


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def _demand(pattern: re.Pattern[str], value: object, where: str) -> str:
    text = str(value)
    if not pattern.fullmatch(text):
        raise _refused(text, where)
    return text


def _refused(text: str, where: str) -> InputError:
    return InputError(
        f"{shown(text)} cannot be written into {where}: it has no quoting for what is in it",
        hint="use letters, digits, spaces and plain punctuation for that key of challenge.yaml",
    )
