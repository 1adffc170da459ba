"""The memory cloud's landing zone: networks, public addresses, object storage.

Takes a landing spec, gives resources to make, find and delete.
"""

import ipaddress
from collections.abc import Mapping

from cpi.clouds.memory import quotas, rules
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.values import Endpoint, FoundLandingResource, LandingCid, LandingResource, LandingSpec, OwnerKey

STORAGE = "storage"
_PUBLIC = "203.0.113."


class MemoryLanding:
    """Implements Landing of cpi.contract.cloud on a memory cloud."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self._cloud = cloud

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        networks = tuple(
            LandingResource(kind="network", name=name, properties={"cidr": cidr})
            for name, cidr in spec.networks.items()
        )
        after = tuple(network.name for network in networks)
        public = tuple(LandingResource(kind="public_address", name=name, after=after) for name in spec.public_names)
        storage = (LandingResource(kind=STORAGE, name="blobs"),) if self._cloud.rules.has_storage else ()
        return networks + public + storage

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        with self._cloud.gate.call("create_landing_resource", owner.action):
            for there in self._cloud.resources.landing.values():
                if (there.kind, there.name) == (resource.kind, resource.name):
                    return self._own(there, owner)
            rules.check_landing_name(self._cloud.rules, resource.name)
            outputs = self._outputs(resource)
            cid = LandingCid(self._cloud.resources.next_cid(resource.kind))
            found = FoundLandingResource(cid=cid, kind=resource.kind, name=resource.name, owner=owner, outputs=outputs)
            self._cloud.resources.landing[cid] = found
            self._cloud.resources.labels[cid] = dict(self._cloud.tags)
            return found

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        with self._cloud.gate.call("find_landing_resources"):
            held = self._cloud.resources.landing.values()
            return tuple(found for found in held if found.owner.environment == environment)

    def delete_landing_resource(self, cid: LandingCid) -> None:
        with self._cloud.gate.call("delete_landing_resource", cid):
            found = self._cloud.resources.landing.get(cid)
            if found and self._is_used(found):
                raise ConflictError("landing-in-use", f"A VM still uses {found.kind} '{found.name}'.")
            self._cloud.resources.landing.pop(cid, None)
            if found and found.kind == STORAGE:
                self._cloud.resources.blobs.clear()

    def public_endpoint(self, address: str, port: int) -> Endpoint:
        return Endpoint(host=address, port=port)

    def _own(self, there: FoundLandingResource, owner: OwnerKey) -> FoundLandingResource:
        if there.owner.environment != owner.environment:
            raise ConflictError(
                "name-taken",
                f"A {there.kind} '{there.name}' already exists.",
                why=f"It belongs to environment '{there.owner.environment}'.",
            )
        return there

    def _outputs(self, resource: LandingResource) -> Mapping[str, str]:
        resources = self._cloud.resources
        if resource.kind == "network":
            cidr = str(resource.properties.get("cidr", ""))
            check_free(cidr, resources.networks(self._cloud.rules))
            quotas.check_quota(self._cloud.rules, resources, {"networks": 1})
            return {"cidr": cidr, f"{resource.name}_network": resource.name, f"{resource.name}_cidr": cidr}
        if resource.kind == STORAGE:
            return {}
        held = resources.public_addresses()
        quotas.check_quota(self._cloud.rules, resources, {"public-addresses": 1})
        address = next(f"{_PUBLIC}{last}" for last in range(2, 255) if f"{_PUBLIC}{last}" not in held)
        public = {f"{resource.name}_public_ip": address, f"{resource.name}_public_host": address}
        return {"address": address, **public}

    def _is_used(self, found: FoundLandingResource) -> bool:
        used = [network for held in self._cloud.resources.vms.values() for network in held.found.created.networks]
        if found.kind == "network":
            return any(rules.network_name(network) == found.name for network in used)
        return any(network.ip == found.outputs.get("address") for network in used)


def check_free(cidr: str, networks: Mapping[str, str]) -> None:
    """Raises CloudError `network-range-invalid`, ConflictError `ranges-overlap`."""
    try:
        wanted = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise CloudError("network-range-invalid", f"'{cidr}' is not a valid network range.", why=str(error)) from error
    for name, other in networks.items():
        if wanted.overlaps(ipaddress.IPv4Network(other)):
            raise ConflictError("ranges-overlap", f"{cidr} overlaps network '{name}' ({other}).")
