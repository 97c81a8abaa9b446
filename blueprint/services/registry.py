"""The services there are, in the order in which they are brought up: the one place that knows."""

from blueprint.services.git import GIT
from blueprint.services.identity import IDENTITY
from blueprint.services.objects import OBJECTS
from blueprint.services.port import Service
from blueprint.services.portal import PORTAL
from blueprint.services.proxy import PROXY
from blueprint.services.runner import RUNNER
from blueprint.services.sftp import SFTP
from blueprint.services.site import SITE
from blueprint.services.watcher import WATCHER

SERVICES: tuple[Service, ...] = (
    PROXY, IDENTITY, OBJECTS, GIT, SITE, PORTAL, WATCHER, SFTP, RUNNER,
)  # fmt: skip
"""The proxy first: what stands behind it may be asked for while it comes up, and certificates are
had by then. The portal before the watcher, which shares its database; runners last, as they ask."""
