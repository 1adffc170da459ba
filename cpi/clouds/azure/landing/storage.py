"""STORAGE: blobs in the landing zone's storage account, which VMs read by signed URLs.

Takes names and streams. The account's address and key are read when first needed, and again after any error; the
container is created for the first blob, and deleted with the account.
"""

import base64
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from cpi.clouds.azure.landing import blob_bodies, landing_bodies
from cpi.clouds.azure.wire import names, refusals, signatures
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.clouds.azure.wire.signatures import StorageAccount
from cpi.contract.errors import CloudError, DeniedError, NotFoundError, NotSupportedError
from cpi.contract.values import SignedUrl
from cpi.kit import tags

Json = Mapping[str, Any]
_SENDING_S = 3600
"""How long the director's own URLs are valid; a PUT that has begun may end later."""


class AzureStorage:
    """Implements Storage of cpi.contract.cloud."""

    kind = landing_bodies.ACCOUNT

    def __init__(self, api: Api, places: ResourcePaths, *, environment: str) -> None:
        self._api = api
        self._places = places
        self._environment = environment
        self._account: StorageAccount | None = None

    def put_blob(self, name: str, stream: BinaryIO, *, size: int) -> None:
        account = self._need_account()
        try:
            self._put(account, name, stream, size=size)
        except CloudError:
            self._account = None
            need_account(self._api, self._places, self._environment)  # if it is gone, that is the better reason
            raise

    def sign_url(self, name: str, *, valid_s: int) -> SignedUrl:
        url = self._sign(self._need_account(), name, permissions=signatures.READ, valid_s=valid_s)
        return SignedUrl(url=url, ca=self._api.ca())

    def list_blobs(self) -> Mapping[str, int]:
        if find_account(self._api, self._places, self._environment) is None:
            return {}
        account = self._need_account()
        url = signatures.sign_container(account, permissions=signatures.LIST, end_s=self._end_s(_SENDING_S))
        with contextlib.suppress(NotFoundError), _signed_with_key(account.name):
            return dict(self._api.sizes_of_blobs(url))
        return {}  # no blob was put yet, so there is no container

    def delete_blob(self, name: str) -> None:
        if find_account(self._api, self._places, self._environment) is None:
            return
        account = self._need_account()
        with _signed_with_key(account.name):
            self._api.delete_blob(self._sign(account, name, permissions=signatures.DELETE, valid_s=_SENDING_S))

    def _put(self, account: StorageAccount, name: str, stream: BinaryIO, *, size: int) -> None:
        """One call, so that it is there whole or not at all."""
        url = self._sign(account, name, permissions=signatures.WRITE, valid_s=_SENDING_S)
        try:
            with _signed_with_key(account.name):
                if self._api.size_of_blob(url) == size:
                    return
        except NotFoundError:
            self._make_container(account.name)
        with _signed_with_key(account.name):
            self._api.write_blob(url, stream, size=size)

    def _make_container(self, account: str) -> None:
        """By the resource manager; twice is once."""
        path = f"{self._places.path(names.ACCOUNT, account)}/blobServices/default/containers/{signatures.CONTAINER}"
        self._api.put(path, {"properties": {"publicAccess": "None"}}, waits=False)

    def _sign(self, account: StorageAccount, name: str, *, permissions: str, valid_s: int) -> str:
        return signatures.sign(account, name, permissions=permissions, end_s=self._end_s(valid_s))

    def _end_s(self, valid_s: int) -> float:
        return self._api.clock.wall_s() + valid_s

    def _need_account(self) -> StorageAccount:
        if self._account is None:
            answer = need_account(self._api, self._places, self._environment)
            name, properties = str(answer["name"]), answer["properties"]
            if properties.get("allowSharedKeyAccess") is False:
                raise _keyless(name)
            keys = self._api.post(f"{self._places.path(names.ACCOUNT, name)}/listKeys", waits=False)["keys"]
            endpoint = str(properties["primaryEndpoints"]["blob"])
            self._account = StorageAccount(name=name, endpoint=endpoint, key=base64.b64decode(str(keys[0]["value"])))
        return self._account


def find_account(api: Api, places: ResourcePaths, environment: str) -> Json | None:
    """The environment's own storage account, not one of a template; None without one."""
    for listed in api.list(places.path(names.ACCOUNT)):
        owner = tags.read_owner(listed.get("tags") or {})
        is_own = owner is not None and owner.environment == environment
        if is_own and not blob_bodies.is_of_template(listed):
            return listed
    return None


def need_account(api: Api, places: ResourcePaths, environment: str) -> Json:
    """The same. Raises NotFoundError, code storage-missing."""
    found = find_account(api, places, environment)
    if found is None:
        raise NotFoundError(
            "storage-missing",
            f"Environment '{environment}' has no storage account.",
            why=f"Resource group '{places.group}' contains none with its tags.",
            fix="Run `compleat up` again: it creates what is missing.",
        )
    return found


def _keyless(name: str) -> NotSupportedError:
    return NotSupportedError(
        "storage-keys-forbidden",
        f"Storage account '{name}' rejects signatures made with its keys.",
        why="Its allowSharedKeyAccess is false, often because of a policy of the subscription.",
        fix="No action needed: packages are sent by SSH. To let VMs fetch them, allow keys on the account.",
    )


@contextlib.contextmanager
def _signed_with_key(name: str) -> Iterator[None]:
    """A refusal here concerns the signature, not the sign-in. Raises DeniedError, code storage-signature-refused."""
    try:
        yield
    except CloudError as error:
        if error.code != refusals.SIGN_IN:
            raise
        raise DeniedError(
            "storage-signature-refused",
            f"Storage account '{name}' rejected a signature made with its key.",
            why=error.why,
            fix="Run the command again: it reads the key again. If that fails, set this machine's clock.",
        ) from error
