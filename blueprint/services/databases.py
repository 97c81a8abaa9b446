"""The PostgreSQL container that several services have each one of."""

from blueprint.plan.server import Container, Health, Tmpfs

UID = 999


def postgres(name: str, network: str) -> Container:
    """Return a database server that only its own service reaches."""
    return Container(
        name=name,
        image="postgres",
        user=f"{UID}:{UID}",
        memory_mib=512,
        pids=128,
        cpus=1.0,
        health=Health(("pg_isready", "--quiet", "--host", "127.0.0.1")),
        networks=(network,),
        tmpfs=(Tmpfs("/tmp", 64, uid=UID), Tmpfs("/var/run/postgresql", 8, uid=UID)),  # noqa: S108
        stop_grace_s=60,
    )
