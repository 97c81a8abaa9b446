"""The cache forgets what was damaged, shares what was found, and never stands in the way."""

import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.data.fact_cache import FactCache, open_cache
from blueprint.state import StateFolder


def test_a_fact_is_known_to_the_next_process(tmp_path: Path):
    program = (
        "import sys; from pathlib import Path; from blueprint.data.fact_cache import FactCache;"
        "FactCache(Path(sys.argv[1])).put({'a': [1, 'two', None]})"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "c"], check=True, timeout=60)

    assert FactCache(tmp_path / "c").get("a") == [1, "two", None]


def test_the_latest_value_counts(tmp_path: Path):
    FactCache(tmp_path).put({"a": 1, "b": 2})
    FactCache(tmp_path).put({"a": 3})

    again = FactCache(tmp_path)
    assert (again.get("a"), again.get("b"), again.get("c")) == (3, 2, None)


def test_two_writers_at_once_lose_nothing(tmp_path: Path):
    program = (
        "import sys; from pathlib import Path; from blueprint.data.fact_cache import FactCache\n"
        "cache = FactCache(Path(sys.argv[1]))\n"
        "for n in range(200): cache.put({f'{sys.argv[2]}-{n}': n})"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, tmp_path / "c", name]) for name in "xy"
    ]
    assert [one.wait(60) for one in both] == [0, 0]

    again = FactCache(tmp_path / "c")
    assert all(again.get(f"{name}-{n}") == n for name in "xy" for n in range(200))


@pytest.mark.parametrize("offset", range(0, 60, 3))
def test_a_flipped_bit_costs_the_fact_that_it_hit_and_no_other(tmp_path: Path, offset: int):
    cache = FactCache(tmp_path)
    for name in "abc":
        cache.put({name: {"value": name}})
    file = tmp_path / "facts"
    content = bytearray(file.read_bytes())
    content[offset] ^= 4
    file.write_bytes(content)

    again = FactCache(tmp_path)
    found = [again.get(name) for name in "abc"]
    right: list[object] = [{"value": name} for name in "abc"]
    assert all(one is None or one == other for one, other in zip(found, right, strict=True))
    assert found.count(None) <= 2  # a newline that was hit joins two lines


def test_half_a_line_of_a_killed_process_does_not_swallow_the_next_fact(tmp_path: Path):
    cache = FactCache(tmp_path)
    cache.put({"a": 1})
    file = tmp_path / "facts"
    file.write_bytes(file.read_bytes()[:-5])

    cache.put({"b": 2})

    again = FactCache(tmp_path)
    assert (again.get("a"), again.get("b")) == (None, 2)


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"[" * 100_000, b'0 ["a", 1]\n'])
def test_rubbish_is_an_empty_cache(tmp_path: Path, content: bytes):
    (tmp_path / "facts").write_bytes(content)

    cache = FactCache(tmp_path)

    assert cache.get("a") is None
    cache.put({"a": 1})
    assert FactCache(tmp_path).get("a") == 1


def test_a_folder_that_others_may_write_in_is_not_believed(tmp_path: Path):
    FactCache(tmp_path).put({"a": 1})
    tmp_path.chmod(0o777)

    assert FactCache(tmp_path).get("a") is None


def test_a_place_that_cannot_be_a_folder_costs_only_time(tmp_path: Path):
    (tmp_path / "file").touch()
    cache = FactCache(tmp_path / "file" / "below")

    cache.put({"a": 1})

    assert cache.get("a") == 1


def test_the_file_and_its_folder_are_for_this_user_alone(tmp_path: Path):
    FactCache(tmp_path / "c").put({"a": 1})

    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "c" / "facts").stat().st_mode & 0o777 == 0o600


def test_what_was_found_before_a_deploy_is_known_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    state = StateFolder(tmp_path / "state")
    open_cache(state).put({"a": 1})
    assert not state.root.exists()
    state.root.mkdir(mode=0o700)

    after = open_cache(state)
    assert after.get("a") == 1
    after.put({"b": 2})

    assert FactCache(state.cache).get("b") == 2
    assert FactCache(tmp_path / "xdg" / "diychallenge").get("b") is None


def test_a_cache_full_of_replaced_facts_is_written_anew(tmp_path: Path):
    cache = FactCache(tmp_path)
    cache.put({"kept": 1})
    for n in range(10):  # each round replaces a fact of 1 MiB
        cache.put({"large": f"{n:02}" * 2**19})

    # 10 rounds are more than twice the two facts, but fewer than 1,000 spare lines.
    assert (tmp_path / "facts").stat().st_size > 10 * 2**20
    for n in range(8):  # past 16 MiB it is written anew all the same
        cache.put({"large": f"{n:02}" * 2**19})
    assert (tmp_path / "facts").stat().st_size < 4 * 2**20
    assert FactCache(tmp_path).get("kept") == 1


def test_a_cache_of_too_many_facts_drops_the_oldest(tmp_path: Path):
    cache = FactCache(tmp_path)
    for n in range(20):
        cache.put({f"large-{n:02}": f"{n:02}" * 2**19})

    # At 16 MiB the newest 7 that fit in 8 MiB were kept; 3 or 4 came after them.
    again = FactCache(tmp_path)
    assert again.get("large-00") is None
    assert again.get("large-19") == "19" * 2**19
    assert (tmp_path / "facts").stat().st_size < 13 * 2**20
