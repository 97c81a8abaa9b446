"""The page of what a deploy changes on hosts, and how that goes away: from the roles themselves."""

from blueprint.resources import source_folder
from blueprint.services.registry import SERVICES

_HEAD = """# What diychallenge puts on your hosts

Made from the pages of the Ansible roles (`roles/NAME/README.md`): do not edit it here. `ID` is the
id of the challenge. `diychallenge plan` shows the same for one challenge.yaml: services, ports,
folders, secrets by name, and the openings that a firewall in front has to have.
"""


def hosts_page() -> str:
    """Return the page: what every host gets first, then each service in the order of a deploy."""
    names = ("host", "stack", *(service.name for service in SERVICES))
    return "\n".join((_HEAD, *(_lowered(_page(name)) for name in names)))


def _page(role: str) -> str:
    return (source_folder("roles") / role / "README.md").read_text(encoding="utf-8")


def _lowered(page: str) -> str:
    """Return a page as a part of another: every heading one level deeper."""
    lines = (f"#{line}" if line.startswith("#") else line for line in page.splitlines())
    return "\n".join(lines).replace("(../stack/README.md)", "(#stack)") + "\n"
