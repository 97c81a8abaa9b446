"""What the plan says of the object store, as provisioning wants it."""

from collections.abc import Mapping

from blueprint.plan.server import ServicePlan
from blueprint.provision.store_rights import Grant, Right, WantedBucket, WantedStore, WantedUser

LOCK_DAYS = 3650
"""For ten years from its upload a signed agreement cannot be removed by a service."""
_KEEPS: frozenset[Right] = frozenset({"read", "list", "write"})
_OWNS: frozenset[Right] = frozenset({"read", "list", "write", "delete"})
_RIGHTS: Mapping[str, Mapping[str, frozenset[Right]]] = {
    "portal": {"agreements": _KEEPS, "predictions": _KEEPS, "logs": _KEEPS},
    "watcher": {"site": _OWNS},
}
"""By service and by the last word of a bucket's name. Nobody but the administrator has backups."""


def wanted_store(plan: ServicePlan) -> WantedStore:
    """Return the buckets and users that the service `objects` of a plan asks for."""
    names = {bucket.name.rpartition("-")[2]: bucket.name for bucket in plan.buckets}
    return WantedStore(
        buckets=tuple(
            WantedBucket(one.name, one.is_versioned, LOCK_DAYS if one.is_locked else 0)
            for one in plan.buckets
        ),
        users=tuple(
            WantedUser(
                name=account.name,
                secret=f"objects-{account.name}-secret",
                grants=tuple(
                    Grant(names[word], rights) for word, rights in _RIGHTS[account.name].items()
                ),
            )
            for account in plan.accounts
            if account.kind == "store-user"
        ),
    )
