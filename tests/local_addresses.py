"""The addresses of a platform on this machine, as challenge.yaml's defaults have them."""

from blueprint.addresses import embedded_addresses
from blueprint.config.model import Embedded

LOCAL = embedded_addresses(Embedded())
