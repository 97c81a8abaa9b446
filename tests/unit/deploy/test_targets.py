"""Which target a challenge.yaml means, however much of the file can be read."""

from typing import get_args

import pytest

from blueprint.config.model.challenge import Target as Named
from blueprint.deploy.targets import TARGETS, target_of


@pytest.mark.parametrize(
    "text",
    ["target: embedded\n", "version: 1\n", "target: [\n", "target: moon\n", ""],
    ids=["named", "left-out", "no-yaml", "none-there-is", "empty"],
)
def test_what_cannot_be_read_is_left_to_the_survey_to_refuse(tmp_path, text):
    file = tmp_path / "challenge.yaml"
    file.write_text(text)

    assert target_of(file).name == "embedded"


def test_every_target_of_the_vocabulary_is_registered_under_its_own_name(tmp_path):
    assert set(TARGETS) == set(get_args(Named))
    for name, make in TARGETS.items():
        assert make(tmp_path / "challenge.yaml").name == name
