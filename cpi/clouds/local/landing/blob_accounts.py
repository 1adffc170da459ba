"""Storage accounts that templates add: folders in the cloud's own state, which its service makes and deletes.

Takes resources and owners, gives what exists.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cpi.clouds.local.inside.records import account_records
from cpi.clouds.local.inside.records.account_records import AccountRecord
from cpi.clouds.local.machines import finder
from cpi.clouds.local.wire.api import Api
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit import blob_accounts
from cpi.kit.landing import Part, PartFound


class LocalAccounts(Part):
    """As networks: the service looks and makes under its lock, so none is looked for by name before."""

    cloud = "The local cloud"
    kind = blob_accounts.ACCOUNT

    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        if not name:
            yield from map(_found, account_records.list_accounts(self._api.state))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        order: AccountRecord = {"name": resource.name, "owner": finder.write_owner(owner), "tags": self._tags}
        return _found(self._api.call("create_account", order))

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        folder = account_records.folder_path(self._api.state, found.name)
        return blob_accounts.variables(found.name, folder, f"{Path(folder).as_uri()}/")

    def delete(self, id_: str) -> None:
        self._api.call_if_exists("delete_account", {"name": id_})


class LocalContainers(Part):
    """They are whose the account is."""

    cloud = "The local cloud"
    kind = blob_accounts.CONTAINER

    def __init__(self, api: Api) -> None:
        self._api = api

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        if not name:
            for account in account_records.list_accounts(self._api.state):
                for container in account_records.list_containers(self._api.state, account["name"]):
                    yield _found_container(account, container)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        account, container = blob_accounts.split(resource.name)
        made: AccountRecord = self._api.call("create_container", {"account": account, "container": container})
        return _found_container(made, container)

    def delete(self, id_: str) -> None:
        account, container = blob_accounts.split(id_)
        self._api.call_if_exists("delete_container", {"account": account, "container": container})


def _found(account: AccountRecord) -> PartFound:
    name = account["name"]
    return PartFound(id=name, name=name, owner=finder.read_owner(account["owner"]), answer=account)


def _found_container(account: AccountRecord, container: str) -> PartFound:
    name = f"{account['name']}/{container}"
    return PartFound(id=name, name=name, owner=finder.read_owner(account["owner"]))
