"""Public addresses and virtual networks in the portal's form: new ones, or some that exist.

Takes the element, gives its parts and its value. What exists is named by hand: a form is read before any account is.
Source: MicrosoftDocs/azure-docs managed-applications/microsoft-network-publicipaddresscombo.md @0a7c4ce1b2c5,
microsoft-network-virtualnetworkcombo.md @48353f047a7f.
"""

import ipaddress
from collections.abc import Callable, Iterator
from typing import cast

from cpi.contract.json_value import JsonValue
from director.model.questions import AnswerRule, SetupQuestion
from director.text.arm.values import Value
from director.text.forms.element_parts import (
    EXISTING,
    NEW,
    NONE,
    CombinedElement,
    ElementPart,
    Parts,
    ask_group,
    ask_new,
    question,
    whole,
)

_CIDR = AnswerRule(words="It must be a range such as 10.0.0.0/16.", pattern=r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$")
_FIRST_PREFIX, _FIRST_HOST = "10.0.0.0", 4  # Azure keeps four addresses of each subnet


def address_parts(element: CombinedElement) -> Iterator[ElementPart]:
    """Whether there is one, its name and its domain name label."""
    which = "newOrExistingOrNone"
    yield ElementPart(name=which, ask=ask_new(which, new="", existing="hideExisting", none="hideNone"))
    yield ElementPart(name="name", ask=_ask_address_name)
    yield ask_group(which)
    yield ElementPart(name="domainNameLabel", ask=_ask_domain)


def _ask_address_name(element: CombinedElement, parts: Parts) -> SetupQuestion | None:
    if parts.get("newOrExistingOrNone") == NONE:
        return None
    default = element.text("defaultValue", "publicIpAddressName") or None
    label = element.text("label", "publicIpAddress") or "Public IP address"
    return question(element, "name", label, default=default)


def _ask_domain(element: CombinedElement, parts: Parts) -> SetupQuestion | None:
    if parts.get("newOrExistingOrNone") == NONE or element.is_set("options", "hideDomainNameLabel"):
        return None
    return question(
        element,
        "domainNameLabel",
        "Domain name label",
        default=element.text("defaultValue", "domainNameLabel") or None,
        is_required=element.is_set("constraints", "required", "domainNameLabel"),
    )


def address_value(element: CombinedElement, parts: Parts) -> Value:
    """The address as the portal has it; new ones are static, as the only kind that can still be created."""
    which = parts.get("newOrExistingOrNone") or NEW
    if which == NONE:
        return {"newOrExistingOrNone": NONE}
    return whole(parts, newOrExistingOrNone=which, publicIPAllocationMethod="Static", sku="Standard")


def network_parts(element: CombinedElement) -> Iterator[ElementPart]:
    """Whether it exists, its name and range, and those of each subnet."""
    yield ElementPart(name="newOrExisting", ask=ask_new("newOrExisting", new="", existing="hideExisting"))
    yield ElementPart(name="name", ask=_ask_network_name)
    yield ask_group("newOrExisting")
    yield ElementPart(name="addressPrefix", ask=_ask_network_prefix)
    subnets = element.inside("subnets")
    for subnet in subnets if isinstance(subnets, dict) else ():
        yield ElementPart(name=f"subnets.{subnet}.name", ask=_ask_subnet_name(subnet))
        yield ElementPart(name=f"subnets.{subnet}.addressPrefix", ask=_ask_subnet_prefix(subnet))


def _ask_network_name(element: CombinedElement, parts: Parts) -> SetupQuestion:
    label = element.text("label", "virtualNetwork") or "Virtual network"
    return question(element, "name", label, default=element.text("defaultValue", "name") or None)


def _ask_network_prefix(element: CombinedElement, parts: Parts) -> SetupQuestion:
    size = element.text("defaultValue", "addressPrefixSize") or "/16"
    default = None if parts.get("newOrExisting") == EXISTING else f"{_FIRST_PREFIX}/{size.lstrip('/')}"
    return question(element, "addressPrefix", "Address range", default=default, rules=(_CIDR,))


def _ask_subnet_name(subnet: str) -> Callable[[CombinedElement, Parts], SetupQuestion]:
    def ask(element: CombinedElement, parts: Parts) -> SetupQuestion:
        label = element.text("subnets", subnet, "label") or f"Subnet {subnet}"
        default = element.text("subnets", subnet, "defaultValue", "name") or None
        return question(element, f"subnets.{subnet}.name", label, default=default)

    return ask


def _ask_subnet_prefix(subnet: str) -> Callable[[CombinedElement, Parts], SetupQuestion]:
    def ask(element: CombinedElement, parts: Parts) -> SetupQuestion:
        label = element.text("subnets", subnet, "label") or f"Subnet {subnet}"
        size = element.text("subnets", subnet, "defaultValue", "addressPrefixSize") or "/24"
        default = None if parts.get("newOrExisting") == EXISTING else _free_range(parts, size.lstrip("/"))
        name = f"subnets.{subnet}.addressPrefix"
        return question(element, name, f"{label}, address range", default=default, rules=(_CIDR,))

    return ask


def _free_range(parts: Parts, size: str) -> str | None:
    """The first range of that size in the network that no earlier subnet has; None where there is none."""
    taken = [_range(value) for name, value in parts.items() if name.startswith("subnets.")]
    whole = _range(parts.get("addressPrefix"))
    if whole is None or not size.isdigit() or not whole.prefixlen <= int(size) <= whole.max_prefixlen - 2:
        return None
    for _, found in zip(range(4096), whole.subnets(new_prefix=int(size)), strict=False):
        if not any(each and each.overlaps(found) for each in taken):
            return str(found)
    return None


def _range(value: JsonValue) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(value, strict=False) if isinstance(value, str) and "/" in value else None
    except ValueError:
        return None


def network_value(element: CombinedElement, parts: Parts) -> Value:
    """The network as the portal has it."""
    subnets: dict[str, dict[str, JsonValue]] = {}
    for key, value in parts.items():
        if key.startswith("subnets."):
            name, _, member = key.removeprefix("subnets.").rpartition(".")
            subnets.setdefault(name, {})[member] = value
    for subnet in subnets.values():
        found = _range(subnet.get("addressPrefix"))
        subnet["startAddress"] = str(found.network_address + _FIRST_HOST) if found else None
    own = {name: value for name, value in parts.items() if not name.startswith("subnets.")}
    own.setdefault("newOrExisting", NEW)
    prefixes: list[JsonValue] = [own.get("addressPrefix")]
    return whole(own, addressPrefixes=prefixes, subnets=cast(JsonValue, subnets))
