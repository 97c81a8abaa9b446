"""`init`'s starter: a folder that check accepts, and nothing overwritten."""

import pytest

from blueprint.config.load import load
from blueprint.config.scaffold import Answers
from blueprint.config.schedule import phase_status
from blueprint.errors import InputError
from blueprint.scaffold.starter import scaffold_challenge

ANSWERS = Answers(id="liver", title="Liver tumours", contact="liver@example.org")


def test_new_challenge_loads_with_its_first_phase_open(tmp_path, noon):
    made = scaffold_challenge(tmp_path / "liver", ANSWERS, noon)

    challenge = load(tmp_path / "liver" / "challenge.yaml")
    assert challenge.challenge.title == "Liver tumours"
    assert [phase_status(phase, noon) for phase in challenge.phases] == ["open", "upcoming"]
    assert all((tmp_path / "liver" / path).exists() for path in made)


def test_nothing_is_overwritten(tmp_path, noon):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.md").write_text("mine")

    with pytest.raises(InputError, match="already holds pages"):
        scaffold_challenge(tmp_path, ANSWERS, noon)

    assert (tmp_path / "pages" / "index.md").read_text() == "mine"
    assert not (tmp_path / "challenge.yaml").exists()


def test_an_existing_gitignore_is_kept(tmp_path, noon):
    (tmp_path / ".gitignore").write_text("*.secret\n")

    scaffold_challenge(tmp_path, ANSWERS, noon)

    assert (tmp_path / ".gitignore").read_text() == "*.secret\n"
