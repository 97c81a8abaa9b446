"""Turns the bytes of a YAML file into text that is safe to parse, or says what is wrong with it."""

import re

from blueprint.config.faults import ConfigFaults, Fault

_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)
_NEWLINE = re.compile(r"\r\n?|\n")


def decode(data: bytes, *, file: str, max_bytes: int) -> str:
    """Return the text of a file, with the line feed as the only line end.

    Raises:
        ConfigFaults: It is too large, empty, not UTF-8, or holds what YAML forbids.
    """
    if len(data) > max_bytes:
        _refuse(
            file, "", f"the file is larger than {_size(max_bytes)}",
            f"keep it below {_size(max_bytes)}; long texts belong in Markdown pages",
        )  # fmt: skip
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "ignore")
        _refuse(
            file, before, f"byte 0x{data[error.start]:02x} is not UTF-8 text",
            "save the file as UTF-8",
        )  # fmt: skip
    text = _NEWLINE.sub("\n", text)
    if bad := _NOT_YAML.search(text):
        code = f"U+{ord(bad[0]):04X}"
        _refuse(
            file, text[: bad.start()], f"the character {code} is not allowed in YAML",
            "delete that character; it is invisible in most editors",
        )  # fmt: skip
    _refuse_tabs(text, file=file)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.split("\n")):
        _refuse(file, "", "the file is empty", "`diychallenge init` writes a complete one")
    return text


def _refuse_tabs(text: str, *, file: str) -> None:
    faults = []
    for tab in _TAB_INDENT.finditer(text):
        line, column = place_of(text[: tab.end() - 1])
        hint = "set your editor to insert spaces; two a level is usual"
        faults.append(Fault(file, line, column, "", "a tab indents this line", hint, rule="spaces"))
        if len(faults) == _MAX_TABS:
            break
    if faults:
        raise ConfigFaults(faults)


_MAX_TABS = 20


def place_of(before: str) -> tuple[int, int]:
    """Return line and column (from 1) of what follows the text `before`."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _refuse(file: str, before: str, problem: str, hint: str) -> None:
    line, column = place_of(_NEWLINE.sub("\n", before))
    raise ConfigFaults([Fault(file, line, column, "", problem, hint)])


def _size(size_bytes: int) -> str:
    mebibytes, rest = divmod(size_bytes, 1024 * 1024)
    return f"{mebibytes} MiB" if mebibytes and not rest else f"{size_bytes // 1024} KiB"
