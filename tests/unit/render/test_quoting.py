"""Each filter's text, read by what reads that kind of file, is the text that went in."""

import configparser
import json
import subprocess

import pytest
import yaml

from blueprint.errors import InputError
from blueprint.render import quoting
from tests.unit.render.test_hostile import HOSTILE


@pytest.mark.parametrize("text", [*HOSTILE, "", "plain", "/a/b.c", "0x10", "~", "2027-06-01", "="])
def test_yaml_and_json_read_back_exactly(text: str):
    assert yaml.safe_load(f"key: {quoting.yaml(text)}") == {"key": text}
    assert yaml.safe_load(f"[{quoting.yaml(text)}, x]") == [text, "x"]
    assert yaml.safe_load(f"{quoting.yaml(text)}: x") == {text: "x"}
    assert json.loads(quoting.to_json(text)) == text
    assert "</" not in quoting.to_json(text)


@pytest.mark.parametrize("value", [True, False, None, 0, -3, 1.5])
def test_what_is_no_text_stays_so(value: object):
    assert yaml.safe_load(quoting.yaml(value)) == value


@pytest.mark.parametrize("text", [one for one in HOSTILE if "\x00" not in one])
def test_a_shell_takes_it_as_one_word(text: str):
    said = subprocess.run(
        ["/bin/sh", "-c", f"printf %s {quoting.shell(text)}"],
        capture_output=True,
        check=True,
        env={"HOME": "/expanded"},
    )

    assert said.stdout == text.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_an_ini_file_reads_it_back_or_it_is_refused(text: str):
    try:
        written = quoting.ini(text)
    except InputError:
        return
    for reader in (configparser.ConfigParser(inline_comment_prefixes=(";", "#")),
                   configparser.RawConfigParser()):  # fmt: skip
        reader.read_string(f"[section]\nkey = {written}\nnext = 1\n")
        assert dict(reader["section"]) == {"key": text, "next": "1"}


@pytest.mark.parametrize("text", ["Brain tissue (2027): T1, T2", "a.b-c_d/e", "Größe"])
def test_an_ini_file_holds_everyday_text(text: str):
    assert quoting.ini(text) == text


@pytest.mark.parametrize(
    ("filtered", "refused"),
    [
        (quoting.nginx, ["$host", "a\nb", "\x1b", "\x00"]),
        (quoting.sshd, ["two words", "a\nb", '"', "#", "%u", ""]),
        (quoting.ini, ["a ; b", "a\nb", " a", "%(x)s", "`a`", "{{ a }}", ""]),
        (quoting.shell, ["\x00"]),
    ],
)
def test_what_a_format_cannot_quote_is_refused_in_words(filtered, refused: list[str]):
    for text in refused:
        with pytest.raises(InputError, match="cannot be written into") as caught:
            filtered(text)
        assert "\x1b" not in str(caught.value)


def test_nginx_reads_quotes_and_backslashes_escaped():
    assert quoting.nginx('a"b\\c; d {') == r'"a\"b\\c; d {"'


def test_units_have_their_specifiers_doubled():
    assert quoting.systemd('100 % of $HOME "x"') == r'"100 %% of $$HOME \"x\""'


def test_playbooks_mark_what_looks_like_a_template():
    assert quoting.ansible("{{ 7*7 }}") == '!unsafe "{{ 7*7 }}"'
    assert quoting.ansible("main") == "main"


def test_compose_doubles_what_begins_a_variable():
    assert quoting.compose("$(id) ${HOME}") == '"$$(id) $${HOME}"'


def test_a_page_gets_one_line_of_text_without_markup():
    assert quoting.markdown("a\n# <b> [x](y)") == r"a \# \<b\> \[x\]\(y\)"
    assert "\x1b" not in quoting.markdown("\x1b[2J")
