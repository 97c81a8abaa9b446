"""Says in a sentence or two how far the sandbox goes, for the pages where people submit."""

from blueprint.evaluate.engine import Probe

_HOLDS = {
    "namespaces-root": "namespaces without network, files or processes of the platform",
    "namespaces-user": "namespaces without network, files or processes of the platform",
    "landlock": "Landlock, which is weaker than namespaces",
}


def sandbox_notice(probe: Probe) -> str:
    """Return the notice for what the engine found on this machine."""
    if not probe.works:
        return "This platform cannot run code; it takes predictions only."
    return (
        f"Code runs in a process sandbox ({_HOLDS.get(probe.layer, probe.layer)}). It is meant "
        "for trying out and for teams that the organizers know, not for strangers' code."
    )
