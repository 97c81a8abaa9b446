"""What the plan of a server asks of its object store: whose each bucket is."""

from blueprint.plan.server import ServicePlan
from blueprint.provision.store_rights import WantedBucket
from blueprint.provision.wanted_store import wanted_store
from blueprint.services.assemble import plan_server
from blueprint.services.images import load_images
from tests.server import TWO_HOSTS, parsed


def objects_of(text: str) -> ServicePlan:
    plan = plan_server(parsed(text), load_images(), software="test")
    (found,) = (one for host in plan.hosts for one in host.services if one.name == "objects")
    return found


def test_agreements_are_locked_and_every_bucket_has_few_friends():
    wanted = wanted_store(objects_of(TWO_HOSTS))

    assert [one.name.rpartition("-")[2] for one in wanted.buckets] == [
        "agreements", "predictions", "logs", "site", "backups",
    ]  # fmt: skip
    locked = {one.name.rpartition("-")[2]: one.lock_days for one in wanted.buckets if one.lock_days}
    assert locked == {"agreements": 3650}
    assert [one.is_versioned for one in wanted.buckets] == [True, True, False, True, True]
    assert isinstance(wanted.buckets[0], WantedBucket)
    who = {
        user.name: {
            grant.bucket.rpartition("-")[2]: "delete" in grant.rights for grant in user.grants
        }
        for user in wanted.users
    }
    assert who == {
        "portal": {"agreements": False, "predictions": False, "logs": False},
        "watcher": {"site": True},
    }


def test_each_credential_has_a_secret_that_the_plan_makes():
    plan = objects_of(TWO_HOSTS)
    made = {secret.name for secret in plan.secrets}
    assert {user.secret for user in wanted_store(plan).users} <= made
