"""Storage accounts that templates add: a container of Swift for each, and in it a folder for each of its containers.

Takes resources and owners, changes Swift. A folder is what Swift's own clients make: an empty object whose name ends
with a slash, of the type application/directory.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from cpi.clouds.openstack.wire import names, refusals, resource_tags
from cpi.clouds.openstack.wire.api import Api, Send
from cpi.contract.errors import ConflictError, DeniedError, NotFoundError
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit import blob_accounts
from cpi.kit.landing import Part, PartFound


class AccountContainers(Part):
    """A container has no description, so its name says whose it is."""

    cloud = "OpenStack"
    kind = blob_accounts.ACCOUNT

    def __init__(self, api: Api) -> None:
        self._api = api

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        """None where there is no Swift, or where this user has no role in it: it has made none then."""
        if not self._api.has_service("object"):
            return
        try:
            listed = list(self._api.list_stored("", prefix=names.account_prefix(environment)))
        except DeniedError:
            return
        for one in listed:
            read = names.read_account_name(one)
            if read is not None and read[0].environment == environment and name in ("", read[1]):
                yield PartFound(id=one, name=read[1], owner=read[0])

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        name = names.account_name(owner, resource.name)
        self._api.put_stored(f"/{quote(name)}", Send(headers=resource_tags.write_headers(self._api.tags)))
        return PartFound(id=name, name=resource.name, owner=owner)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        url = f"{self._api.stored_at().rstrip('/')}/{quote(found.id)}/"
        return blob_accounts.variables(found.name, found.id, url)

    def delete(self, id_: str) -> None:
        """Empties it first. Raises TransientError while Swift still lists what is gone."""
        try:
            empty(self._api, id_)
        except NotFoundError:
            return
        try:
            self._api.delete("object", f"/{quote(id_)}")
        except ConflictError as error:
            raise refusals.not_ready(f"Container '{id_}'", error.why) from error


class ContainerFolders(Part):
    """They bear no tags: they are whose the container is."""

    cloud = "OpenStack"
    kind = blob_accounts.CONTAINER

    def __init__(self, api: Api, accounts: AccountContainers) -> None:
        self._api = api
        self._accounts = accounts

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        account, folder = blob_accounts.split(name)
        for container in self._accounts.find(environment, account):
            for one in self._folders(container.id):
                if folder in ("", one):
                    yield PartFound(id=f"{container.id}/{one}", name=f"{container.name}/{one}", owner=container.owner)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """Raises NotFoundError, code landing-incomplete, without its account."""
        account, folder = blob_accounts.split(resource.name)
        container = self._accounts.need(account, owner.environment)
        headers = {"Content-Type": "application/directory"}
        self._api.put_stored(f"/{quote(container.id)}/{quote(folder)}/", Send(headers=headers))
        return PartFound(id=f"{container.id}/{folder}", name=resource.name, owner=container.owner)

    def delete(self, id_: str) -> None:
        """With all that is in it."""
        container, folder = blob_accounts.split(id_)
        try:
            empty(self._api, container, f"{folder}/")
        except NotFoundError:
            return

    def _folders(self, container: str) -> Iterator[str]:
        """As Swift tells them apart: what is before the first slash of names."""
        try:
            for one in self._api.describe_stored(f"/{quote(container)}", delimiter="/"):
                if "subdir" in one:
                    yield str(one["subdir"]).removesuffix("/")
        except NotFoundError:
            return


def empty(api: Api, container: str, prefix: str = "") -> None:
    """Delete all objects whose names begin with `prefix`. Raises NotFoundError without the container."""
    path, asked = f"/{quote(container)}", {"prefix": prefix} if prefix else {}
    for blob in api.list_stored(path, **asked):
        api.delete("object", f"{path}/{quote(blob)}")
