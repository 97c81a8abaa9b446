"""The registry of contracts: one entry a contract, by its name in challenge.yaml."""

from collections.abc import Mapping

from blueprint.contracts.native import NativeContract
from blueprint.contracts.port import Contract
from blueprint.errors import NotFoundError

CONTRACTS: Mapping[str, Contract] = {contract.name: contract for contract in (NativeContract(),)}


def contract_of(name: str) -> Contract:
    """Return the contract of this name.

    Raises:
        NotFoundError: This version has none; a newer platform gave out the ticket.
    """
    if name not in CONTRACTS:
        raise NotFoundError(
            f"there is no contract {name} in this version",
            hint=f"it knows {', '.join(CONTRACTS)}: install the platform's version here too",
        )
    return CONTRACTS[name]
