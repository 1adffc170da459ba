"""create_network and delete_network: one more network in the landing zone of the settings' environment.

Takes a landing zone and BOSH's arguments, gives BOSH's answer. A network's CID is its name there, which follows from
its range: a call that is sent again creates nothing twice, and a later call finds all parts of the network.
Source: cloudfoundry/bosh deployment_plan/stages/create_network.rb.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.cloud import Landing
from cpi.contract.errors import CloudError
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundLandingResource, JsonValue, ManagedNetwork, OwnerKey

_FIRST = "cpi."
"""How their names begin. Those of compleat's own deployments begin otherwise, and are deleted by them alone."""


def create_network(landing: Landing, asked: Mapping[str, JsonValue], owner: OwnerKey) -> JsonValue:
    """The CID, the addresses, and the cloud properties of VMs on it. Raises CloudError: cpi-network-refused.

    It belongs to the environment, as its landing zone does: several deployments may have VMs on it.
    """
    cidr = _range(asked)
    properties = asked.get("cloud_properties")
    network = ManagedNetwork(
        name=_FIRST + str(cidr).translate(str.maketrans("./:", "---")),
        cidr=str(cidr),
        gateway=str(asked.get("gateway") or ""),
        cloud_properties=properties if isinstance(properties, Mapping) else {},
    )
    for resource in landing.managed_network(network):
        landing.create_landing_resource(resource, replace(owner, deployment=ENVIRONMENT_ITSELF))
    addresses: dict[str, JsonValue] = {"range": network.cidr, "gateway": network.gateway, "reserved": []}
    return [network.name, addresses, {"network": network.name}]


def delete_network(landing: Landing, cid: str, environment: str) -> None:
    """All its parts, those that came last first. Absent before is success."""
    found = [one for one in landing.find_landing_resources(environment) if _is_part(one, cid)]
    for one in reversed(found):
        landing.delete_landing_resource(one.cid)


def _is_part(resource: FoundLandingResource, cid: str) -> bool:
    return cid.startswith(_FIRST) and (resource.name == cid or resource.name.startswith(f"{cid}-"))


def _range(asked: Mapping[str, JsonValue]) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    kind, written = asked.get("type", "manual"), asked.get("range")
    if kind != "manual":
        raise _refused(f"Its type is {kind}.")
    if not isinstance(written, str):
        raise _refused("It has no range.")
    try:
        return ipaddress.ip_network(written)
    except ValueError as error:
        raise _refused(f"Its range is not valid: {error}.") from error


def _refused(why: str) -> CloudError:
    return CloudError(
        "cpi-network-refused",
        "This network cannot be created.",
        why=why,
        fix="Ask for a manual network with a `range`; `netmask_bits` alone chooses none here.",
    )
