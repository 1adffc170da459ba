"""Operations of azure-mgmt-compute. Imported by its name when a call first needs it.

Left out: the list of sizes, which its models take seconds to read.
"""

from azure.mgmt.compute import ComputeManagementClient

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.packages.typed_operations import Client, Operation, PageLink, Table, long_running

_IMAGE_VERSIONS = "microsoft.compute/locations/publishers/artifacttypes/offers/skus/versions"


def connect(link: PageLink) -> Client:
    """A client for one subscription; nothing is sent. Its API versions go with each call: it ignores one for all."""
    client = ComputeManagementClient(
        link.credential,
        link.subscription,
        base_url=link.base_url,
        policies=link.policies,
        transport=link.transport,
    )
    return Client(table={**_machines(client), **_disks(client), **_images(client)}, takes_version=True)


def _machines(client: ComputeManagementClient) -> Table:
    vms, sets, kind = client.virtual_machines, client.availability_sets, names.VM.lower()
    return {
        ("get", kind): vms.get,
        ("list", kind): vms.list,
        ("list all", kind): vms.list_all,
        ("put", kind): long_running(vms.begin_create_or_update),
        ("patch", kind): long_running(vms.begin_update),
        ("delete", kind): long_running(vms.begin_delete),
        ("post", f"{kind}/restart"): long_running(vms.begin_restart),
        ("post", f"{kind}/start"): long_running(vms.begin_start),
        ("post", f"{kind}/deallocate"): long_running(vms.begin_deallocate),
        ("post", f"{kind}/retrievebootdiagnosticsdata"): vms.retrieve_boot_diagnostics_data,
        ("get", names.SET.lower()): sets.get,
        ("list", names.SET.lower()): sets.list,
        ("put", names.SET.lower()): sets.create_or_update,
        ("delete", names.SET.lower()): sets.delete,
    }


def _disks(client: ComputeManagementClient) -> Table:
    disks, snapshots, kind, taken = client.disks, client.snapshots, names.DISK.lower(), names.SNAPSHOT.lower()
    return {
        ("get", kind): disks.get,
        ("list", kind): disks.list_by_resource_group,
        ("put", kind): long_running(disks.begin_create_or_update),
        ("patch", kind): long_running(disks.begin_update),
        ("delete", kind): long_running(disks.begin_delete),
        ("post", f"{kind}/begingetaccess"): long_running(disks.begin_grant_access),
        ("post", f"{kind}/endgetaccess"): long_running(disks.begin_revoke_access),
        ("get", taken): snapshots.get,
        ("list", taken): snapshots.list_by_resource_group,
        ("put", taken): long_running(snapshots.begin_create_or_update),
        ("delete", taken): long_running(snapshots.begin_delete),
    }


def _images(client: ComputeManagementClient) -> Table:
    images, market, kind = client.images, client.virtual_machine_images, names.IMAGE.lower()
    return {
        ("get", kind): images.get,
        ("list", kind): images.list_by_resource_group,
        ("put", kind): long_running(images.begin_create_or_update),
        ("delete", kind): long_running(images.begin_delete),
        ("get", _IMAGE_VERSIONS): _without_type(market.get),
        ("list at once", _IMAGE_VERSIONS): _without_type(market.list),
        ("list all", "microsoft.compute/locations/usages"): client.usage.list,
    }


def _without_type(operation: Operation) -> Operation:
    """Paths name the type of artifact, which is always vmimage, and the package's operations do not."""

    def ask(*names: str, **options: object) -> object:
        return operation(*names[:2], *names[3:], **options)

    return ask
