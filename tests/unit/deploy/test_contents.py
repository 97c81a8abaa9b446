"""What a deploy makes is known by name; anything else in the folder is somebody else's."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from blueprint.database.opening import open_database
from blueprint.database.schema import profiles
from blueprint.deploy import host
from blueprint.deploy.contents import alone, foreign_entries, own_entries
from blueprint.deploy.destroy import destroy, holdings_of
from blueprint.deploy.record import Record, Sandbox, read_record, write_record
from blueprint.errors import ConflictError, InputError
from blueprint.plan.plan import Plan
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL


def record_of(project: Path, state: StateFolder) -> Record:
    return Record(
        project=str(project),
        deployed_at="2027-06-15T12:00:00Z",
        digest="0" * 64,
        pages="0" * 64,
        socket_folder=str(state.socket_folder),
        plan=Plan("0.1.0", {"challenge": {"id": "brain"}}),
        sandbox=Sandbox("none", works=False, bounds=(), weaker=(), advice=""),
        deployment="",
        addresses=LOCAL,
    )


@pytest.fixture
def state(tmp_path):
    folder = StateFolder(tmp_path / "state")
    folder.root.mkdir()
    return folder


def test_destroy_removes_what_was_made_and_leaves_the_rest(state):
    state.database.touch()
    state.keys.mkdir()
    (state.keys / "receipts.key").touch()
    state.socket_folder.mkdir()
    (state.root / "notes.txt").write_text("mine")

    done = destroy(state)

    assert (state.root / "notes.txt").read_text() == "mine"
    assert [path.name for path in done.left] == ["notes.txt"]
    assert sorted(path.name for path in state.root.iterdir()) == ["notes.txt"]
    assert not state.socket_folder.exists()


def test_destroy_removes_the_folder_when_all_of_it_was_made(state):
    state.database.touch()

    done = destroy(state)

    assert not state.root.exists()
    assert state.root in done.removed


def test_folders_that_were_made_to_hold_the_state_go_with_it(tmp_path):
    project = tmp_path / "project"
    nested = StateFolder(project / "var" / "lib" / "state")
    nested.root.mkdir(parents=True)
    (project / "var" / "keep").touch()
    write_record(nested, record_of(project, nested))

    destroy(nested)

    assert (project / "var" / "keep").exists()
    assert not (project / "var" / "lib").exists()


def test_an_edited_record_cannot_make_destroy_remove_something_else(tmp_path, state):
    precious = tmp_path / "precious"
    precious.mkdir()
    edited = replace(record_of(tmp_path, state), socket_folder=str(precious))
    write_record(state, edited)

    destroy(state)

    assert precious.is_dir()


def test_a_link_in_the_state_folder_is_removed_and_not_followed(state, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "data").touch()
    state.git.symlink_to(outside)

    destroy(state)

    assert (outside / "data").exists()


def test_there_is_nothing_to_destroy_where_nothing_was_made(state):
    (state.root / "notes.txt").touch()

    with pytest.raises(InputError, match="nothing is deployed here"):
        holdings_of(state)


@pytest.mark.parametrize("content", [b"", b"this is no database" * 100])
def test_what_cannot_be_read_can_still_be_destroyed(state, content):
    state.database.write_bytes(content)

    held = holdings_of(state)
    destroy(state)

    assert held.words == "all that its database holds (which cannot be read now)"
    assert not state.root.exists()


def test_a_folder_with_other_files_is_not_taken_over(state):
    (state.root / "thesis.tex").touch()

    with pytest.raises(InputError, match=r"holds what no deploy made \(thesis\.tex\)"):
        host.demand_ours(state)


def test_an_interrupted_first_deploy_is_taken_up_again(state):
    state.database.touch()
    (state.root / ".deployed.json.0123456789ab").touch()

    host.demand_ours(state)
    assert len(own_entries(state)) == 2
    assert foreign_entries(state) == ()


def test_two_deploys_of_one_folder_exclude_each_other(state):
    with alone(state), pytest.raises(ConflictError, match="under way"), alone(state):
        pass

    with alone(state):
        pass


def test_a_record_reads_back_as_it_was_written(tmp_path, state):
    written = record_of(tmp_path, state)

    write_record(state, written)

    assert read_record(state) == written
    assert state.deployed.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"project": 1}', "null"])
def test_a_record_of_another_kind_is_named_with_the_next_step(state, text):
    state.deployed.write_text(text)

    with pytest.raises(InputError, match="is not what a deploy of this version wrote") as caught:
        read_record(state)
    assert caught.value.hint is not None


def test_destroy_says_which_tables_on_a_server_it_leaves(state, new_database):
    url = str(new_database("postgresql"))
    state.keys.mkdir()
    state.database_address.write_text(url)
    write_record(state, record_of(state.root.parent, state))

    held, done = holdings_of(state), destroy(state)

    assert held.counts == (0, 0, 0)
    assert done.server is not None
    assert done.server.startswith("postgresql")
    assert not state.root.exists()
    with closing(open_database(url)) as database, database.read() as connection:
        assert connection.execute(select(func.count()).select_from(profiles)).scalar_one() == 0
