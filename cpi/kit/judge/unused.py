"""Settings and properties that have no effect: remarks that forbid nothing. Pure.

Takes what has no effect and why, gives remarks.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, JsonValue, NetworkKind, PreflightRequest
from cpi.kit import properties
from cpi.kit.properties import PropertiesModel


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyModels:
    """The models of a cloud's cloud_properties, by what they are of."""

    vm: type[PropertiesModel]
    disk: type[PropertiesModel]
    network: type[PropertiesModel]
    vip: type[PropertiesModel]


def ignored_properties(request: PreflightRequest, models: PropertyModels, *, cloud: str) -> Iterator[Finding]:
    """Cloud properties of a plan that the cloud does not have; one remark for each kind of thing."""
    networks = [network for vm in request.vms for network in vm.networks]
    inner = [network.cloud_properties for network in networks if network.kind is not NetworkKind.VIP]
    outer = [network.cloud_properties for network in networks if network.kind is NetworkKind.VIP]
    for kind, model, written in (
        ("VM", models.vm, [vm.cloud_properties for vm in request.vms]),
        ("disk", models.disk, [disk.cloud_properties for disk in request.disks]),
        ("network", models.network, inner),
        ("vip network", models.vip, outer),
    ):
        names = sorted({name for each in written for name in properties.ignored_properties(model, each)})
        if names:
            why = "It has no such property; BOSH's CPI ignores it, too."
            listed = ", ".join(f"'{name}'" for name in names)
            yield replace(unused_property(listed, f"a {kind}", cloud=cloud, why=why), property_path=names[0])


def unused_settings(written: Iterable[str], why: Mapping[str, str], *, cloud: str) -> Iterator[Finding]:
    """Settings of BOSH's CPI that are accepted and have no effect, with the reason of each; one remark for a reason."""
    by_reason: dict[str, list[str]] = {}
    for name in sorted(set(written) & why.keys()):
        by_reason.setdefault(why[name], []).append(name)
    for reason, names in by_reason.items():
        yield unused_setting(", ".join(names), cloud=cloud, why=reason)


def unused_setting(setting: str, *, cloud: str, why: str) -> Finding:
    """A setting of the environment's file."""
    return Finding(
        code="setting-unused",
        what=f"The setting {setting} has no effect on {cloud}.",
        why=why,
        fix="Remove it from the environment's file.",
        is_fatal=False,
    )


def unused_property(name: str, of: str, *, cloud: str, why: str) -> Finding:
    """A cloud property, or several of one thing ("VM 'web-0'") with commas between."""
    return Finding(
        code="property-unused",
        what=f"Some cloud properties of {of} have no effect on {cloud}: {name}.",
        why=why,
        fix="Remove them, unless the cloud config serves another cloud, too.",
        is_fatal=False,
    )


def unread(
    written: Mapping[str, Iterable[Mapping[str, JsonValue]]], read: Mapping[str, Iterable[str]], *, cloud: str, why: str
) -> Iterator[Finding]:
    """Cloud properties by kind ("disk") that nothing of the cloud looks at; one remark for each kind."""
    for kind, all_properties in written.items():
        keys = sorted({key for properties in all_properties for key in properties} - set(read.get(kind, ())))
        if keys:
            found = unused_property(", ".join(f"'{key}'" for key in keys), f"a {kind}", cloud=cloud, why=why)
            yield replace(found, property_path=keys[0])
