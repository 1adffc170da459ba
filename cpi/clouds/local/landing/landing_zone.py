"""LANDING: networks and public addresses of the local cloud, and the way from the host to the latter.

Takes a spec or resources, gives what exists. With the last resource, and no VM or disk left, the cloud itself ends.
"""

from collections.abc import Mapping

from cpi.clouds.local.inside.networks import networks
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.landing import forwards
from cpi.clouds.local.machines import finder
from cpi.clouds.local.preflight import network_checks
from cpi.clouds.local.wire.api import Api
from cpi.contract.errors import NotFoundError
from cpi.contract.values import Endpoint, FoundLandingResource, LandingCid, LandingResource, LandingSpec, OwnerKey

_NETWORK = "network"
_ADDRESS = "public_address"


class LocalLanding:
    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        network_checks.check_ranges(spec.networks)
        made = [
            LandingResource(kind=_NETWORK, name=name, properties={"cidr": cidr})
            for name, cidr in sorted(spec.networks.items())
        ]
        made += [LandingResource(kind=_ADDRESS, name=name) for name in spec.public_names]
        return tuple(made)

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        written = finder.write_owner(owner)
        if resource.kind == _NETWORK:
            order: networks.NetworkOrder = {
                "name": resource.name,
                "cidr": str(resource.properties["cidr"]),
                "owner": written,
                "tags": self._tags,
            }
            return _found_network(self._api.call("create_network", order))
        if resource.kind == _ADDRESS:
            asked: networks.AddressOrder = {"name": resource.name, "owner": written, "tags": self._tags}
            return _found_address(self._api.state, self._api.call("create_address", asked))
        raise NotFoundError(
            "unknown-landing-kind",
            f"The local cloud has no landing resource of kind '{resource.kind}'.",
            why=f"Supported kinds: {_NETWORK} and {_ADDRESS}.",
        )

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        state = self._api.state
        every = [_found_network(network) for network in records.list_networks(state)]
        every += [_found_address(state, address) for address in records.list_addresses(state)]
        return tuple(resource for resource in every if resource.owner.environment == environment)

    def delete_landing_resource(self, cid: LandingCid) -> None:
        kind, _, name = cid.partition(":")
        if kind == _NETWORK:
            self._api.call_if_exists("delete_network", {"name": name})
        elif kind == _ADDRESS:
            path = records.address_path(self._api.state, name)
            address = records.load_whole(path, records.AddressRecord)
            self._api.call_if_exists("delete_address", {"name": name})
            if address is not None:
                forwards.forget(self._api, address["ip"])
        self._api.end_if_empty(after_landing=True)

    def public_endpoint(self, address: str, port: int) -> Endpoint:
        return forwards.open_way(self._api, address, port)


def _found_network(network: records.NetworkRecord) -> FoundLandingResource:
    return FoundLandingResource(
        cid=LandingCid(f"{_NETWORK}:{network['name']}"),
        kind=_NETWORK,
        name=network["name"],
        owner=finder.read_owner(network["owner"]),
        outputs={f"{network['name']}_cidr": network["cidr"], f"{network['name']}_gateway": network["gateway"]},
    )


def _found_address(state: str, address: records.AddressRecord) -> FoundLandingResource:
    return FoundLandingResource(
        cid=LandingCid(f"{_ADDRESS}:{address['name']}"),
        kind=_ADDRESS,
        name=address["name"],
        owner=finder.read_owner(address["owner"]),
        outputs={
            f"{address['name']}_public_ip": address["ip"],
            f"{address['name']}_public_host": forwards.host_of(state, address["ip"]),
        },
    )
