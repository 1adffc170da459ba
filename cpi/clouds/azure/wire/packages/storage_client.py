"""Operations of azure-mgmt-storage. Imported by its name when a call first needs it."""

from typing import Any

from azure.mgmt.storage import StorageManagementClient

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.packages.typed_operations import Client, Operation, PageLink, long_running

_KIND = names.ACCOUNT.lower()
_CONTAINERS = f"{_KIND}/blobservices/containers"


def connect(link: PageLink) -> Client:
    """A client for one subscription; nothing is sent. Its one API version is the client's."""
    client = StorageManagementClient(
        link.credential,
        link.subscription,
        base_url=link.base_url,
        policies=link.policies,
        transport=link.transport,
        api_version=names.version_of("/providers/Microsoft.Storage"),
    )
    accounts = client.storage_accounts
    return Client(
        table={
            ("get", _KIND): accounts.get_properties,
            ("list", _KIND): accounts.list_by_resource_group,
            ("put", _KIND): long_running(accounts.begin_create),
            ("delete", _KIND): accounts.delete,
            ("post", f"{_KIND}/listkeys"): _without_kerberos(accounts.list_keys),
            ("post", "microsoft.storage/checknameavailability"): accounts.check_name_availability,
            ("get", _CONTAINERS): _without_service(client.blob_containers.get),
            ("list", _CONTAINERS): _without_service(client.blob_containers.list),
            ("put", _CONTAINERS): _without_service(client.blob_containers.create),
            ("delete", _CONTAINERS): _without_service(client.blob_containers.delete),
        },
        takes_version=False,
    )


def _without_kerberos(operation: Operation) -> Operation:
    """`list_keys` without the Kerberos keys that the package requests by default."""

    def list_keys(*names: str, **options: Any) -> Any:
        return operation(*names, expand=None, **options)

    return list_keys


def _without_service(operation: Operation) -> Operation:
    """Paths name the blob service, which is always default, and the package's operations do not."""

    def call(group: str, account: str, *names: Any, **options: Any) -> Any:
        return operation(group, account, *names[1:], **options)

    return call
