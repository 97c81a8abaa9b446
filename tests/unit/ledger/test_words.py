"""States, failures and standings are said in words in one place each, for whoever reads."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

import blueprint
import cli
from blueprint.ledger.progress import progress_of
from blueprint.ledger.states import STATES, FaultClass
from blueprint.ledger.words import FAULT_WORDS, KEPT_BACK, STATE_WORDS, Audience, words_of
from blueprint.people.standing_words import STANDING_WORDS
from blueprint.people.teams import TeamStanding

FAULTS = get_args(FaultClass)
AUDIENCES = get_args(Audience)
STANDINGS = get_args(TeamStanding)
TABLES = {"ledger/words.py": {*STATES, *FAULTS}, "people/standing_words.py": {*STANDINGS}}


def test_every_state_has_words_for_everybody() -> None:
    assert set(STATE_WORDS) == set(STATES)
    for said in STATE_WORDS.values():
        assert set(said) == set(AUDIENCES)
        assert all(words.label and words.happening and words.next for words in said.values())


def test_every_fault_class_has_words_for_everybody() -> None:
    assert set(FAULT_WORDS) == set(FAULTS)
    for said in FAULT_WORDS.values():
        assert set(said) == set(AUDIENCES)
        assert all(words.label and words.happening and words.next for words in said.values())
        assert all(words.explained for words in said.values())


def test_every_standing_has_words() -> None:
    assert set(STANDING_WORDS) == set(STANDINGS)
    assert all(words.follows for words in STANDING_WORDS.values())


def test_an_organizer_is_not_told_to_mend_a_team_s_submission() -> None:
    theirs = words_of("failed", "participant", "organizer").next
    own = words_of("failed", "participant", "participant").next

    assert own == "nothing: mend it, commit, and push a new tag"
    assert theirs == "nothing: the team mends it, commits, and pushes a new tag"


def test_a_score_on_a_hidden_board_is_not_promised_a_place_now(enqueue, noon) -> None:
    scored = replace(enqueue(), state="scored")

    assert progress_of(scored, noon).next == "it joins the leaderboard"
    assert progress_of(scored, noon, is_shown=False).next == KEPT_BACK


def test_no_other_module_says_a_state_a_fault_or_a_standing_in_words() -> None:
    found = set()
    roots = [Path(package.__path__[0]) for package in (blueprint, cli)]
    for root in roots:
        for file in root.rglob("*.py"):
            name = file.relative_to(root).as_posix()
            tree = ast.parse(file.read_text(encoding="utf-8"))
            said = [pair for pair in _said(tree) if pair & {*STATES, *FAULTS, *STANDINGS}]
            if said and name not in TABLES:
                found.add((name, *sorted(set.union(*said))))

    assert not found


@pytest.mark.parametrize(
    "text",
    [
        '_WORDS = {"failed": "it failed", "scored": "it is scored"}',
        'words = dict(failed="it failed", scored="it is scored")',
        (
            'def words(state):\n match state:\n  case "failed": return "it failed"\n'
            '  case "scored": return "it is scored"'
        ),
    ],
)
def test_the_search_finds_another_table(text: str) -> None:
    assert {"failed", "scored"} in list(_said(ast.parse(text)))


def _said(tree: ast.AST) -> Iterator[set[str]]:
    """Yield, of every table in a module that says two or more names in words, those names."""
    for node in ast.walk(tree):
        pairs: list[tuple[ast.expr | None, ast.AST]] = []
        if isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict":
            pairs = [(ast.Constant(word.arg), word.value) for word in node.keywords]
        elif isinstance(node, ast.Match):
            pairs = [
                (case.pattern.value, case.body[0])
                for case in node.cases
                if isinstance(case.pattern, ast.MatchValue)
            ]
        names = {
            key.value
            for key, value in pairs
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and _is_words(value)
        }
        known = names & {*STATES, *FAULTS, *STANDINGS}
        if len(known) > 1:
            yield known


def _is_words(node: ast.AST) -> bool:
    """Return whether an expression or a return is text."""
    if isinstance(node, ast.Return) and node.value is not None:
        return _is_words(node.value)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.JoinedStr | ast.Tuple)
