"""What an unquoted word means, and where everything stands."""

import pytest

from blueprint.config.faults import ConfigFaults
from blueprint.config.yaml_reader import YamlLimits, read_yaml


def read(text: str) -> object:
    return read_yaml(text.encode(), file="f.yaml").value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2027-06-01", "2027-06-01"),  # moments are text: the model reads them in their zone
        ("2026-13-45", "2026-13-45"),
        ("18:30", "18:30"),  # 1110 in YAML 1.1, base 60
        ("yes", "yes"),
        ("no", "no"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-7", -7),
        ("012", 12),  # 10 in YAML 1.1, octal
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
        ("'12'", "12"),
        ('"null"', "null"),
    ],
)
def test_words_mean_what_yaml_1_2_says(written: str, meant: object):
    assert read(f"key: {written}\n") == {"key": meant}


def test_keys_are_words_or_whole_numbers():
    assert read("{1: a, '1': b, true: c, 2.5: d, null: e}") == {
        1: "a",
        "1": "b",
        "true": "c",
        "2.5": "d",
        "null": "e",
    }


def test_an_alias_stands_for_its_value():
    assert read("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


def test_every_key_item_and_value_has_its_place():
    document = read_yaml(b"top:\n  - name: a\n  - {name: b}\n", file="f.yaml")

    key, value = document.names["top", 0, "name"], document.values["top", 0, "name"]
    assert (key.line, key.column) == (2, 5)
    assert (value.line, value.column) == (2, 11)
    assert document.text[value.start : value.end] == "a"
    item = document.names["top", 1]
    assert (item.line, item.column) == (3, 5)
    assert document.path_text(("top", 1, "name")) == "top[1].name"


def test_what_is_not_written_is_found_at_its_nearest_parent():
    document = read_yaml(b"a:\n  b: 1\n", file="f.yaml")

    assert document.name_span(("a", "c", "d")).line == 1
    assert document.at(("a", "c", "d")) is None
    assert document.at(("a", "b")) == 1


def test_windows_line_ends_and_a_byte_order_mark_change_nothing():
    document = read_yaml(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", file="f.yaml")

    assert document.value == {"a": 1, "b": 2}
    assert (document.names["b",].line, document.names["b",].column) == (2, 1)


def test_every_repeated_key_and_tag_is_named_at_once():
    with pytest.raises(ConfigFaults) as caught:
        read("a: 1\na: 2\nb: ! 2\na: 3\n")

    assert [(fault.line, fault.path) for fault in caught.value.faults] == [
        (2, "a"),
        (3, "b"),
        (4, "a"),
    ]


def test_limits_are_the_callers():
    with pytest.raises(ConfigFaults, match="larger than 1 KiB"):
        read_yaml(b"a: 1\n" * 300, file="f.yaml", limits=YamlLimits(max_bytes=1024))
    with pytest.raises(ConfigFaults, match="nested deeper than 2 levels"):
        read_yaml(b"a: {b: {c: 1}}\n", file="f.yaml", limits=YamlLimits(max_depth=2))
