"""The difference of two deployments: what changes, what starts anew, what would be lost."""

import dataclasses
from typing import Any

import pytest

from blueprint.plan.review import Review, review
from blueprint.render.bundle import PLAN, read_stored, render
from blueprint.render.sources import load_sources
from blueprint.services.assemble import plan_server
from blueprint.services.images import load_images
from tests.server import TWO_HOSTS, parsed, rendered


def stored(text: str = TWO_HOSTS) -> dict[str, Any]:
    return read_stored(rendered(text)[PLAN])


def between(before: str, after: str) -> Review:
    return review(stored(before), stored(after))


def told(found: Review) -> list[str]:
    return [f"{one.sign} {one.place}: {one.what}" for one in found.changes]


def test_the_same_file_changes_nothing():
    found = review(stored(), stored())

    assert found == Review((), (), (), ())
    assert not found.has_changes


def test_where_nothing_is_deployed_all_of_it_is_new():
    found = review(None, stored())

    assert {one.sign for one in found.changes} == {"+"}
    assert "+ main: host at 192.0.2.10" in told(found)
    assert "+ gpu1/runner: evaluates submissions in containers (Docker)" in told(found)
    assert not found.losses


def test_an_edited_title_starts_only_what_reads_it():
    found = between(TWO_HOSTS, TWO_HOSTS.replace("title: Brain", "title: Brains"))

    assert "~ challenge.yaml: challenge.title: Brain -> Brains" in told(found)
    # The two programs that read challenge.yaml.
    assert found.restarts == ("main/portal/portal", "main/watcher/watcher")
    assert not found.losses


def test_a_host_more_is_added_and_starts_nothing_anew():
    more = "    gpu2: {address: 192.0.2.12, user: deploy, roles: [runner]}\n"
    found = between(TWO_HOSTS, TWO_HOSTS.replace("  mail:", f"{more}  mail:"))

    assert "+ gpu2: host at 192.0.2.12" in told(found)
    assert "+ gpu2/runner: evaluates submissions in containers (Docker)" in told(found)
    assert "gpu1/runner/worker" not in found.restarts


def test_a_host_less_leaves_what_it_alone_held():
    more = "    gpu2: {address: 192.0.2.12, user: deploy, roles: [runner]}\n"
    found = between(TWO_HOSTS.replace("  mail:", f"{more}  mail:"), TWO_HOSTS)

    assert "- gpu2: host at 192.0.2.12" in told(found)
    assert found.losses == (
        "volume runner on gpu2 would no longer be used: cases with ground truth, kept predictions",
    )


@pytest.mark.parametrize(
    ("before", "after", "loss"),
    [
        ("192.0.2.10", "192.0.2.20", "main becomes another machine (192.0.2.20)"),
        ("id: brain,", "id: brain-2,", "the id of the challenge changes"),
        (
            "  mail:",
            "  object_store: {kind: external, endpoint: https://s3.example.org}\n  mail:",
            "the object store becomes another one",
        ),
    ],
)
def test_what_would_destroy_data_is_said(before: str, after: str, loss: str):
    found = between(TWO_HOSTS, TWO_HOSTS.replace(before, after))

    assert any(one.startswith(loss) for one in found.losses)


def test_an_external_store_leaves_the_bundled_ones_volume_behind():
    external = "  object_store: {kind: external, endpoint: https://s3.example.org}\n  mail:"
    found = between(TWO_HOSTS, TWO_HOSTS.replace("  mail:", external))

    assert any(one.startswith("volume objects on main would no longer") for one in found.losses)
    assert "- main/objects: container silo" in told(found)


def test_another_major_version_of_the_database_is_no_simple_change():
    images = load_images()
    newer = [
        dataclasses.replace(one, tag="18.1") if one.name == "postgres" else one for one in images
    ]
    plan = plan_server(parsed(), newer, software="1.0.0")
    files = render(plan, load_sources(), project={"challenge.yaml": TWO_HOSTS})
    found = review(stored(), read_stored(files[PLAN]))

    assert "~ images: image postgres: postgres:17.10 -> postgres:18.1" in told(found)
    assert set(found.restarts) == {"main/identity/identity-db", "main/portal/ledger-db"}
    assert found.losses == (
        "PostgreSQL 18 does not read the files of 17: dump and restore the databases first",
    )
