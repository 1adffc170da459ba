"""The addresses of a new VM: those asked for are checked, those left open are chosen.

Takes what the cloud holds and network settings, gives the settings with every address filled in.
"""

from dataclasses import replace

from cpi.clouds.memory import rules
from cpi.clouds.memory.resources import MemoryResources
from cpi.contract.errors import ConflictError
from cpi.contract.values import NetworkKind, NetworkSettings
from cpi.kit import judge
from cpi.kit.judge import WantedInterface


def settle_addresses(
    resources: MemoryResources, rule: rules.Rules, networks: tuple[NetworkSettings, ...], *, vm: str
) -> tuple[NetworkSettings, ...]:
    """Give each network its address.

    Raises: unknown-network, address-outside-network, address-taken, subnet-full, unknown-public-address.
    """
    return tuple(_settle(resources, rule, settings, vm=vm) for settings in networks)


def _settle(resources: MemoryResources, rule: rules.Rules, settings: NetworkSettings, *, vm: str) -> NetworkSettings:
    taken = resources.taken_addresses()
    if settings.kind is NetworkKind.VIP:
        known = resources.public_addresses()
        if settings.ip not in known:
            raise judge.unknown_public_address(settings.ip or "", known, cloud="The memory cloud")
        _check_free(vm, settings.ip or "", taken)
        return settings
    within = rules.range_of(resources.networks(rule), settings)
    if settings.ip:
        wanted = WantedInterface(vm=vm, network=settings.name, subnet="", address=settings.ip)
        judge.require(judge.placed(wanted, rules.subnet_of(within)))
        _check_free(vm, settings.ip, taken)
        return settings
    gateway = settings.gateway or str(next(within.hosts()))
    return replace(settings, ip=rules.free_address(within, taken), prefix=within.prefixlen, gateway=gateway)


def _check_free(vm: str, address: str, taken: frozenset[str]) -> None:
    judge.require(judge.taken(vm, address, "another VM" if address in taken else ""), ConflictError)
