"""The parts of Azure's landing zone: each is found by its path or its tags, made by a PUT and deleted, if it is ours.

Takes resources and owners, changes Azure; order and completion are in cpi.kit.landing, bodies in landing_bodies.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cpi.clouds.azure.landing import balancer_bodies, landing_bodies, native_answers, storage, template_parts
from cpi.clouds.azure.machines import leftovers, networks
from cpi.clouds.azure.wire import config, names, ownership
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import ConflictError
from cpi.contract.landing_parts import InnerPlace
from cpi.contract.value_classes import dataclass
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit import part_entries, tags
from cpi.kit.landing import Part, PartFound

Json = Mapping[str, Any]
PROVIDERS = ("Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage")
_ATTEMPTS = 5
_PRECIOUS = frozenset({names.VM.lower(), names.DISK.lower(), names.SNAPSHOT.lower()})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmZone:
    """Where the parts of one environment are."""

    api: Api
    settings: config.AzureConfig
    places: ResourcePaths
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmKind:
    """`own` is what Azure calls the one there is, "" where the name says it; strays (interfaces) may hold it."""

    kind: str
    type: str
    own: str = ""
    may_be_held: bool = False


class ArmPart(Part):
    cloud = "Azure"

    def __init__(self, zone: ArmZone, about: ArmKind) -> None:
        self.kind = about.kind
        self._about = about
        self._zone = zone
        self._api = zone.api

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        listed = self.listed(name) if environment == self._zone.environment else ()
        found = (landing_bodies.read_found(self.kind, one) for one in listed)
        yield from (one for one in found if one is not None)

    def listed(self, name: str) -> Iterable[Json]:
        """As Azure tells them: what has the path of `name`, or with no name all."""
        if not name:
            return self._api.list(self.path(""))
        there = self._api.get(self.path(self._own(name)))
        return [ownership.require(there, self._zone.environment)] if there is not None else []

    def path(self, own: str) -> str:
        """Of one by Azure's name, or of their list."""
        return self._zone.places.path(self._about.type, own)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        return self.put(self._own(resource.name), resource, owner)

    def _own(self, name: str) -> str:
        return self._about.own or landing_bodies.azure_name(self.kind, name)

    def put(self, own: str, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """Make it under Azure's name."""
        body = landing_bodies.render(resource, owner, settings=self._zone.settings, places=self._zone.places)
        self._api.put(self.path(own), body)
        there = ownership.need(self._api.get(self.path(own)), f"{resource.kind} '{resource.name}'")
        found = landing_bodies.read_found(self.kind, ownership.require(there, self._zone.environment))
        assert found is not None
        return found

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """Azure makes a part whole; a PUT of one that is there changes it, and what leads to it stays."""
        if part_entries.differs(resource.entries, self.entries(found)):
            body = landing_bodies.render(resource, found.owner, settings=self._zone.settings, places=self._zone.places)
            self._api.put(self.path(found.id), body)

    def entries(self, found: PartFound) -> tuple[str, ...]:
        return template_parts.entries_there(self.kind, found.answer)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return landing_bodies.outputs(self.kind, found.answer)

    def delete(self, id_: str) -> None:
        if self._about.may_be_held:
            leftovers.delete_all(self._api, self._zone.places, self._zone.environment)
        there = self._api.get(self.path(id_))
        if there is not None:
            self.remove(ownership.require(there, self._zone.environment), self.path(id_))

    def remove(self, there: Json, path: str) -> None:
        """The call that deletes what is there."""
        self._api.delete(path)


class ResourceGroups(ArmPart):
    """The environment's own; one that the environment's file names is somebody else's, and stays."""

    def __init__(self, zone: ArmZone) -> None:
        super().__init__(zone, ArmKind(kind=landing_bodies.GROUP, type="", own=zone.places.group))

    def listed(self, name: str) -> Iterable[Json]:
        if self._zone.settings.resource_group_name:
            return ()
        there = self._api.get(self.path(""))
        if there is not None and name:
            ownership.require(there, self._zone.environment)
        return [there] if there is not None else []

    def path(self, own: str) -> str:
        return self._zone.places.scope()

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """A fresh subscription knows no providers; registering them takes a minute."""
        for provider in PROVIDERS:
            path = f"{self._zone.places.root()}/providers/{provider}"
            if self._is_registered(path):
                continue
            self._api.post(f"{path}/register", waits=False)
            self._api.stop_until(self._is_registered(path), f"registering {provider}")

    def remove(self, there: Json, path: str) -> None:
        """With our leftovers in it (stemcells, interfaces) and what our deployments of templates made.

        Never with another VM or disk, or with what is not ours.
        """
        inside = [one for one in self._api.list(f"{path}/resources") if not _may_go(one, self._zone.environment)]
        deployed = self._deployed() if inside else set()
        kept = [str(one["name"]) for one in inside if not _is_of(one, deployed)]
        if kept:
            raise ConflictError(
                "resource-group-not-empty",
                f"Resource group '{self._zone.places.group}' still contains {len(kept)} resources that compleat keeps.",
                why=f"VMs, disks, or resources of others: {', '.join(kept[:5])}.",
                fix="Delete them, then run `compleat down` again.",
            )
        self._api.delete(path)

    def _deployed(self) -> set[str]:
        """Ids of what our deployments made, those within them included, in small letters."""
        there = {str(one["id"]).lower(): one for one in self._api.list(self._zone.places.path(names.DEPLOYMENT))}
        waiting = [key for key, one in there.items() if _owned(one, self._zone.environment)]
        found: set[str] = set()
        while waiting:
            touched = native_answers.resource_ids(self._api.list(f"{there[waiting.pop()]['id']}/operations"))
            waiting += [key for key in touched - found if key in there]
            found |= touched
        return found

    def _is_registered(self, path: str) -> bool:
        return str((self._api.get(path) or {}).get("registrationState")) == "Registered"


class VnetSubnets(ArmPart):
    """They bear no tags: they are whose the network is."""

    def __init__(self, zone: ArmZone) -> None:
        super().__init__(zone, ArmKind(kind=landing_bodies.SUBNET, type=names.NETWORK, may_be_held=True))

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        network = self._api.get(self.path("")) if environment == self._zone.environment else None
        if network is None:
            return
        for found in landing_bodies.read_subnets(network):
            if name in ("", found.name):
                yield found

    def path(self, own: str) -> str:
        """Of the network, whichever subnet is meant: what is theirs is asked of it."""
        return super().path(networks.LANDING)

    def put(self, own: str, resource: LandingResource, owner: OwnerKey) -> PartFound:
        zone = self._zone
        network = ownership.require(self._need_network(), zone.environment)
        wider = landing_bodies.render_wider(network, str(resource.properties["cidr"]))
        if wider is not None:
            self._api.put(self.path(own), wider)
        self._put_subnet(own, resource)
        return next(found for found in landing_bodies.read_subnets(self._need_network()) if found.name == own)

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """A PUT of one that is there changes what it names; what is on it stays."""
        if part_entries.differs(resource.entries, self.entries(found)):
            self._put_subnet(found.id, resource)

    def _put_subnet(self, own: str, resource: LandingResource) -> None:
        body = landing_bodies.render_subnet(resource, settings=self._zone.settings, places=self._zone.places)
        self._api.put(self._zone.places.subnet(networks.LANDING, own), body)

    def delete(self, id_: str) -> None:
        leftovers.delete_all(self._api, self._zone.places, self._zone.environment)
        network = self._api.get(self.path(id_))
        if network is not None:
            ownership.require(network, self._zone.environment)
            self._api.delete(self._zone.places.subnet(networks.LANDING, id_))

    def _need_network(self) -> Json:
        return ownership.need(self._api.get(self.path("")), "network of the environment")


class ArmBalancers(ArmPart):
    """Load balancers that templates add, at public addresses or inside of a subnet."""

    def __init__(self, zone: ArmZone) -> None:
        super().__init__(zone, ArmKind(kind=landing_bodies.BALANCER, type=names.BALANCER, may_be_held=True))

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """Azure removes no rule that leads to an interface, so the interface leaves it first."""
        there = self.entries(found)
        if not part_entries.differs(resource.entries, there):
            return
        part_entries.require_front(resource.name, resource.entries, there)
        zone = self._zone
        body = landing_bodies.render(resource, found.owner, settings=zone.settings, places=zone.places)
        removed = list(balancer_bodies.removed_rules(body, found.answer))
        for interface in dict.fromkeys(interface for _, interface in removed):
            nic = self._api.get(interface)
            if nic is not None:
                rules = {rule for rule, user in removed if user == interface}
                self._api.put(interface, networks.render_without_rules(ownership.require(nic, zone.environment), rules))
        self._api.put(self.path(found.id), body)

    def place(self, found: PartFound) -> InnerPlace:
        return balancer_bodies.read_place(found.answer["properties"])


class StorageAccounts(ArmPart):
    """Its name is unique in the whole world, so the environment's is found by its tags."""

    def __init__(self, zone: ArmZone) -> None:
        super().__init__(zone, ArmKind(kind=landing_bodies.ACCOUNT, type=names.ACCOUNT))

    def listed(self, name: str) -> Iterable[Json]:
        there = storage.find_account(self._api, self._zone.places, self._zone.environment)
        return [there] if there is not None else []

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """Under the first name that is free."""
        for attempt in range(_ATTEMPTS):
            name = self.own_name(attempt)
            if self.is_free(name):
                return self.put(name, resource, owner)
        raise ConflictError(
            "name-taken",
            f"All tried storage account names under '{self._zone.settings.storage_account_prefix}' are taken.",
            why="These names are unique across all of Azure.",
            fix="Choose another storage_account_prefix in the environment's file.",
        )

    def own_name(self, attempt: int) -> str:
        """Its name at this attempt."""
        settings, environment = self._zone.settings, self._zone.environment
        prefix, subscription = settings.storage_account_prefix, settings.subscription_id
        return names.account_name(prefix, subscription=subscription, environment=environment, attempt=attempt)

    def is_free(self, name: str) -> bool:
        """Whether Azure says that no account has it; the answer may be a minute old."""
        path = f"{self._zone.places.root()}/providers/Microsoft.Storage/checkNameAvailability"
        answer = self._api.post(path, {"name": name, "type": "Microsoft.Storage/storageAccounts"}, waits=False)
        return bool(answer.get("nameAvailable"))


def _may_go(resource: Json, environment: str) -> bool:
    return _owned(resource, environment) and str(resource.get("type", "")).lower() not in _PRECIOUS


def _owned(resource: Json, environment: str) -> bool:
    owner = tags.read_owner(resource.get("tags") or {})
    return owner is not None and owner.environment == environment


def _is_of(resource: Json, deployed: set[str]) -> bool:
    """Whether it was deployed, or is a part of what was: a VM's own disk."""
    return bool({str(resource.get("id", "")).lower(), str(resource.get("managedBy") or "").lower()} & deployed)
