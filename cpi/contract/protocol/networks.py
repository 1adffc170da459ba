"""A VM's networks as a CPI is sent them: a map by name.

Takes NetworkSettings, gives JSON, and back. Source: docs of the CPI API v2; the director's network settings.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings

_FULL = 32


def write_networks(networks: Sequence[NetworkSettings]) -> dict[str, JsonValue]:
    """Give the map. Empty addresses, gateways and lists are left out, as a director leaves them out."""
    return {settings.name: _write(settings) for settings in networks}


def read_networks(written: JsonValue) -> tuple[NetworkSettings, ...]:
    """Read the map, in its order. Raises CloudError, code `cpi-network-invalid`."""
    if not isinstance(written, Mapping):
        raise _invalid("networks", "It is not an object.")
    return tuple(_read(name, settings) for name, settings in written.items())


def fill_networks(asked: Sequence[NetworkSettings], answered: JsonValue) -> tuple[NetworkSettings, ...]:
    """The request, with every address of the CPI's answer; an answer in another shape is ignored."""
    answer = answered if isinstance(answered, Mapping) else {}
    return tuple(_filled(settings, answer.get(settings.name)) for settings in asked)


def _write(settings: NetworkSettings) -> dict[str, JsonValue]:
    written: dict[str, JsonValue] = {"type": settings.kind.value}
    if settings.ip:
        written["ip"] = settings.ip
    if settings.kind is not NetworkKind.VIP and settings.ip:
        written |= {"netmask": _netmask(settings), "prefix": str(settings.block_bits or _whole(settings.ip))}
    if settings.gateway:
        written["gateway"] = settings.gateway
    if settings.dns:
        written["dns"] = list(settings.dns)
    if settings.defaults:
        written["default"] = list(settings.defaults)
    if settings.nic_group:
        written["nic_group"] = settings.nic_group
    return written | {"cloud_properties": dict(settings.cloud_properties)}


def _netmask(settings: NetworkSettings) -> str:
    """As Ruby writes it: of IPv6 without abbreviations."""
    return ipaddress.ip_interface(f"{settings.ip}/{settings.prefix}").network.netmask.exploded


def _whole(ip: str) -> int:
    """The length of one address, which is what a director sends of a VM without a block."""
    return ipaddress.ip_address(ip).max_prefixlen


def _read(name: str, written: JsonValue) -> NetworkSettings:
    if not isinstance(written, Mapping):
        raise _invalid(name, "Its settings are not an object.")
    properties = written.get("cloud_properties") or {}
    if not isinstance(properties, Mapping):
        raise _invalid(name, "Its cloud_properties are not an object.")
    try:
        kind = NetworkKind(written.get("type", "manual"))
    except ValueError as error:
        raise _invalid(name, "Its type is neither manual, dynamic nor vip.") from error
    if kind is not NetworkKind.DYNAMIC and not written.get("ip"):
        raise _invalid(name, "It has no ip.")
    return NetworkSettings(
        name=name,
        kind=kind,
        ip=_text(written.get("ip")),
        prefix=_prefix(name, written),
        gateway=_text(written.get("gateway")),
        dns=_texts(written.get("dns")),
        defaults=tuple(sorted(_texts(written.get("default")))),
        cloud_properties=properties,
        nic_group=str(written.get("nic_group") or ""),
        block_bits=_block_bits(name, written),
    )


def _prefix(name: str, written: Mapping[str, JsonValue]) -> int:
    """By the netmask: `prefix` may say how large a block of addresses the VM gets, not how large its subnet is."""
    netmask, ip = _text(written.get("netmask")), _text(written.get("ip"))
    if not netmask:
        return _FULL
    try:
        if ":" in netmask:
            return int(ipaddress.IPv6Address(netmask)).bit_count()
        return ipaddress.ip_interface(f"{ip or '0.0.0.0'}/{netmask}").network.prefixlen  # noqa: S104  no binding
    except ValueError as error:
        raise _invalid(name, "Its ip and netmask do not match.") from error


def _block_bits(name: str, written: Mapping[str, JsonValue]) -> int:
    """The length of a block of addresses; 0 for one address, and from directors that send the subnet's length."""
    ip, bits = _text(written.get("ip")), str(written.get("prefix") or "")
    if not ip or not bits.isdigit() or not _text(written.get("netmask")):
        return 0
    return int(bits) if _prefix(name, written) < int(bits) < _whole(ip) else 0


def _filled(settings: NetworkSettings, answer: JsonValue) -> NetworkSettings:
    if settings.ip or not isinstance(answer, Mapping) or not _text(answer.get("ip")):
        return settings
    return replace(
        settings,
        ip=_text(answer.get("ip")),
        prefix=_prefix(settings.name, answer),
        gateway=_text(answer.get("gateway")) or settings.gateway,
    )


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, Sequence) else ()


def _invalid(name: str, why: str) -> CloudError:
    return CloudError("cpi-network-invalid", f"The settings of network '{name}' are not valid.", why=why)
