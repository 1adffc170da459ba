"""The addresses of a new VM: those asked for are checked, those left open are chosen.

Takes what the cloud holds and network settings, gives the settings with every address filled in.
"""

from dataclasses import replace

from cpi.clouds.memory import rules
from cpi.clouds.memory.resources import MemoryResources
from cpi.contract.errors import ConflictError, NotFoundError
from cpi.contract.values import NetworkKind, NetworkSettings


def settle_addresses(
    resources: MemoryResources, rule: rules.Rules, networks: tuple[NetworkSettings, ...]
) -> tuple[NetworkSettings, ...]:
    """Give each network its address.

    Raises: unknown-network, address-outside-network, address-taken, subnet-full, unknown-public-address.
    """
    return tuple(_settle(resources, rule, settings) for settings in networks)


def _settle(resources: MemoryResources, rule: rules.Rules, settings: NetworkSettings) -> NetworkSettings:
    taken = resources.taken_addresses()
    if settings.kind is NetworkKind.VIP:
        _check_public(resources, settings.ip, taken)
        return settings
    within = rules.range_of(resources.networks(rule), settings)
    if settings.ip:
        rules.check_address(settings.ip, within, taken)
        return settings
    gateway = settings.gateway or str(next(within.hosts()))
    return replace(settings, ip=rules.free_address(within, taken), prefix=within.prefixlen, gateway=gateway)


def _check_public(resources: MemoryResources, address: str, taken: frozenset[str]) -> None:
    if address not in resources.public_addresses():
        raise NotFoundError("unknown-public-address", f"{address} is not a public address of this account.")
    if address in taken:
        raise ConflictError("address-taken", f"Another VM has the address {address}.")
