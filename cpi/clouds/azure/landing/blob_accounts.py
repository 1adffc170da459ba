"""Storage accounts that templates add, with their containers, beside the environment's own account for packages.

Takes resources and owners, changes Azure; order and completion are in cpi.kit.landing, bodies in landing_bodies.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cpi.clouds.azure.landing import blob_bodies
from cpi.clouds.azure.landing.arm_parts import ArmKind, ArmPart, ArmZone, StorageAccounts
from cpi.clouds.azure.wire import names, ownership
from cpi.contract.errors import ConflictError
from cpi.contract.values import Finding, LandingResource, OwnerKey
from cpi.kit import blob_accounts, judge
from cpi.kit.landing import Part, PartFound

Json = Mapping[str, Any]


class BlobAccounts(ArmPart):
    """A tag tells them from the environment's own account, whose name is compleat's."""

    def __init__(self, zone: ArmZone, accounts: StorageAccounts) -> None:
        super().__init__(zone, ArmKind(kind=blob_accounts.ACCOUNT, type=names.ACCOUNT))
        self._accounts = accounts

    def listed(self, name: str) -> Iterable[Json]:
        return (one for one in super().listed(name) if blob_bodies.is_of_template(one))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """Under the name that the template gives it. Raises ConflictError, code name-taken."""
        if not self._accounts.is_free(resource.name):
            raise _taken(resource.name)
        return super().make(resource, owner)

    def name_findings(self, wanted: Iterable[LandingResource]) -> Iterator[Finding]:
        """Those that are not there, and whose names somebody has."""
        asked = [one.name for one in wanted if one.kind == self.kind]
        there = {one.name for one in self.find(self._zone.environment)} if asked else set()
        return (Finding.of(_taken(name)) for name in asked if name not in there and not self._accounts.is_free(name))


class BlobContainers(Part):
    """They bear no tags: they are whose the account is."""

    cloud = "Azure"
    kind = blob_accounts.CONTAINER

    def __init__(self, zone: ArmZone, accounts: BlobAccounts) -> None:
        self._zone = zone
        self._api = zone.api
        self._accounts = accounts

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        wanted, container = blob_accounts.split(name)
        for account in self._accounts.find(environment, wanted):
            for one in self._listed(account.id, container):
                whole = f"{account.name}/{one['name']}"
                yield PartFound(id=whole, name=whole, owner=account.owner, answer=one)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """A private one. Raises NotFoundError, code landing-incomplete, without its account."""
        account, container = blob_accounts.split(resource.name)
        found = self._accounts.need(account, owner.environment)
        self._api.put(self._path(account, container), {"properties": {"publicAccess": "None"}}, waits=False)
        return PartFound(id=resource.name, name=resource.name, owner=found.owner)

    def delete(self, id_: str) -> None:
        """With its blobs."""
        account, container = blob_accounts.split(id_)
        there = self._api.get(self._zone.places.path(names.ACCOUNT, account))
        if there is not None:
            ownership.require(there, self._zone.environment)
            self._api.delete(self._path(account, container))

    def _listed(self, account: str, container: str) -> Iterable[Json]:
        if not container:
            return self._api.list(self._path(account))
        there = self._api.get(self._path(account, container))
        return [there] if there is not None else []

    def _path(self, account: str, container: str = "") -> str:
        path = f"{self._zone.places.path(names.ACCOUNT, account)}/blobServices/default/containers"
        return f"{path}/{container}" if container else path


def _taken(name: str) -> ConflictError:
    return judge.name_taken(
        "storage account",
        name,
        why="Such a name is unique in the whole world, and Azure says that somebody has it.",
        fix="Write another name into the template.",
    )
