"""The networks in which services of one host meet."""

from blueprint.plan.server import Network

EDGE = Network("edge", "the proxy and what it serves", is_internal=True, is_shared=True)
STORE = Network("store", "the object store and its users", is_internal=True, is_shared=True)
TRUST = "../trust"
"""What the proxy's script writes beside the services' folders: authorities to be believed."""
TRUST_MOUNT = "/etc/diychallenge/trust"
OUTBOUND = Network(
    "outbound", "ways out: mail, certificates, evaluation", is_internal=False, is_shared=True
)
