"""LANDING: the resource group, network, subnets, security group, public addresses, NAT gateway, storage account.

Takes a spec or resources, gives what exists. Each resource is made, found and deleted by kind and name; a group that
the environment's file names is somebody else's and stays.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from cpi.clouds.azure.landing import landing_bodies, storage
from cpi.clouds.azure.machines import leftovers, networks
from cpi.clouds.azure.wire import config, names, ownership
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import ConflictError, NotFoundError
from cpi.contract.values import Endpoint, FoundLandingResource, LandingCid, LandingResource, LandingSpec, OwnerKey
from cpi.kit import tags

Json = Mapping[str, Any]
PROVIDERS = ("Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage")
_ATTEMPTS = 5
_PRECIOUS = frozenset({names.VM.lower(), names.DISK.lower(), names.SNAPSHOT.lower()})


class AzureLanding:
    def __init__(self, api: Api, settings: config.AzureConfig, places: ResourcePaths, *, environment: str) -> None:
        self._api = api
        self._settings = settings
        self._places = places
        self.environment = environment

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return landing_bodies.landing_resources(spec, self._settings)

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        match resource.kind:
            case landing_bodies.GROUP:
                self._register()
                return self._make(resource, owner, self._places.scope())
            case landing_bodies.NETWORK:
                return self._make(resource, owner, self._places.path(names.NETWORK, networks.LANDING))
            case landing_bodies.SECURITY:
                return self._make(resource, owner, self._places.path(names.GROUP, networks.LANDING))
            case landing_bodies.SUBNET:
                return self._make_subnet(resource)
            case landing_bodies.ADDRESS:
                return self._make(resource, owner, self._places.path(names.ADDRESS, resource.name))
            case landing_bodies.NAT:
                return self._make(resource, owner, self._places.path(names.NAT, networks.LANDING))
            case landing_bodies.ACCOUNT:
                return self._make_account(resource, owner)
        raise NotFoundError(
            "unknown-landing-kind",
            f"Azure landing zones have no resource kind '{resource.kind}'.",
            why=f"The kinds are {', '.join(landing_bodies.KINDS)}.",
        )

    def create_group(self) -> None:
        """The group alone, for what has to be given a role there before the rest can be made."""
        owner = OwnerKey(environment=self.environment, deployment="", action="landing/resource-group")
        self.create_landing_resource(landing_bodies.group_resource(), owner)

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        if environment != self.environment:
            return ()
        found: list[FoundLandingResource | None] = []
        group = self._api.get(self._places.scope())
        if group is None:
            return ()
        if not self._settings.resource_group_name:
            found.append(landing_bodies.read_found(landing_bodies.GROUP, group))
        for kind, path in landing_bodies.LISTED.items():
            for listed in self._api.list(self._places.path(path)):
                found.append(landing_bodies.read_found(kind, listed))
                found += landing_bodies.read_subnets(listed) if kind == landing_bodies.NETWORK else []
        return tuple(one for one in found if one and one.owner.environment == environment)

    def delete_landing_resource(self, cid: LandingCid) -> None:
        kind, _, name = cid.partition(":")
        if kind in (landing_bodies.SUBNET, landing_bodies.ADDRESS, landing_bodies.SECURITY):
            leftovers.delete_all(self._api, self._places, self.environment)
        if kind == landing_bodies.GROUP:
            self._delete_group()
        elif kind == landing_bodies.SUBNET:
            network = self._api.get(self._places.path(names.NETWORK, networks.LANDING))
            if network is not None:
                ownership.require(network, self.environment)
                self._api.delete(self._places.subnet(networks.LANDING, name))
        elif kind in landing_bodies.LISTED:
            path = self._places.path(landing_bodies.LISTED[kind], name)
            there = self._api.get(path)
            if there is not None:
                ownership.require(there, self.environment)
                self._api.delete(path)

    def public_endpoint(self, address: str, port: int) -> Endpoint:
        return Endpoint(host=address, port=port)

    def _make(self, resource: LandingResource, owner: OwnerKey, path: str) -> FoundLandingResource:
        """PUT it unless it is there; what is there must be ours."""
        there = self._api.get(path)
        if there is None:
            body = landing_bodies.render(resource, owner, settings=self._settings, places=self._places)
            self._api.put(path, body)
            there = ownership.need(self._api.get(path), f"{resource.kind} '{resource.name}'")
        found = landing_bodies.read_found(resource.kind, ownership.require(there, self.environment))
        assert found is not None
        return found

    def _make_subnet(self, resource: LandingResource) -> FoundLandingResource:
        path = self._places.path(names.NETWORK, networks.LANDING)
        network = ownership.require(ownership.need(self._api.get(path), "network of the environment"), self.environment)
        there = landing_bodies.find_subnet(network, resource.name)
        if there is None:
            wider = landing_bodies.render_wider(network, str(resource.properties["cidr"]))
            if wider is not None:
                self._api.put(path, wider)
            body = landing_bodies.render_subnet(resource, settings=self._settings, places=self._places)
            self._api.put(self._places.subnet(networks.LANDING, resource.name), body)
            network = ownership.need(self._api.get(path), "network of the environment")
        found = [one for one in landing_bodies.read_subnets(network) if one.name == resource.name]
        return found[0]

    def _make_account(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        """The environment's existing account; else one with the first name that is free worldwide."""
        there = storage.find_account(self._api, self._places, self.environment)
        found = landing_bodies.read_found(landing_bodies.ACCOUNT, there) if there is not None else None
        if found is not None:
            return found
        for attempt in range(_ATTEMPTS):
            name = self.account_name(attempt)
            if self.is_account_free(name):
                return self._make(resource, owner, self._places.path(names.ACCOUNT, name))
        raise ConflictError(
            "name-taken",
            f"All tried storage account names under '{self._settings.storage_account_prefix}' are taken.",
            why="These names are unique across all of Azure.",
            fix="Choose another storage_account_prefix in the environment's file.",
        )

    def account_name(self, attempt: int = 0) -> str:
        """The storage account's name at this attempt."""
        return names.account_name(
            self._settings.storage_account_prefix,
            subscription=self._settings.subscription_id,
            environment=self.environment,
            attempt=attempt,
        )

    def is_account_free(self, name: str) -> bool:
        """Whether the name is free, according to Azure; the answer may be a minute old."""
        path = f"{self._places.root()}/providers/Microsoft.Storage/checkNameAvailability"
        answer = self._api.post(path, {"name": name, "type": "Microsoft.Storage/storageAccounts"}, waits=False)
        return bool(answer.get("nameAvailable"))

    def is_label_free(self, label: str) -> bool:
        """Whether a DNS label is free in the location, according to Azure."""
        path = self._places.regional("Microsoft.Network/CheckDnsNameAvailability")
        answer = self._api.get(path, domain_name_label=label)
        return bool((answer or {}).get("available"))

    def _register(self) -> None:
        """A fresh subscription knows no providers; registering them takes a minute."""
        for provider in PROVIDERS:
            path = f"{self._places.root()}/providers/{provider}"
            if _is_registered(self._api.get(path)):
                continue
            self._api.post(f"{path}/register", waits=False)
            self._api.until(partial(self._is_registered, path), f"registering {provider}")

    def _is_registered(self, path: str) -> bool:
        return _is_registered(self._api.get(path))

    def _delete_group(self) -> None:
        """With our leftovers in it (stemcells, interfaces); never with a VM, a disk, or what is not ours."""
        group = self._api.get(self._places.scope())
        if group is None:
            return
        ownership.require(group, self.environment)
        inside = self._api.list(f"{self._places.scope()}/resources")
        kept = [str(one["name"]) for one in inside if not _may_go(one, self.environment)]
        if kept:
            raise ConflictError(
                "resource-group-not-empty",
                f"Resource group '{self._places.group}' still contains {len(kept)} resources that compleat keeps.",
                why=f"VMs, disks, or resources of others: {', '.join(kept[:5])}.",
                fix="Delete them, then run `compleat down` again.",
            )
        self._api.delete(self._places.scope())


def _is_registered(provider: Json | None) -> bool:
    return bool(provider) and str((provider or {}).get("registrationState")) == "Registered"


def _may_go(resource: Json, environment: str) -> bool:
    owner = tags.read_owner(resource.get("tags") or {})
    is_precious = str(resource.get("type", "")).lower() in _PRECIOUS
    return owner is not None and owner.environment == environment and not is_precious
