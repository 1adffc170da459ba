"""Operations of azure-mgmt-resource: groups and providers. Imported by its name when a call first needs it."""

from azure.mgmt.resource.resources import ResourceManagementClient

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.arm_paths import GROUP, PROVIDER
from cpi.clouds.azure.wire.packages.typed_operations import Client, PageLink, long_running


def connect(link: PageLink) -> Client:
    """A client for one subscription; nothing is sent. Its one API version is the client's."""
    client = ResourceManagementClient(
        link.credential,
        link.subscription,
        base_url=link.base_url,
        policies=link.policies,
        transport=link.transport,
        api_version=names.version_of(f"/{GROUP}/any"),
    )
    groups = client.resource_groups
    return Client(
        table={
            ("get", GROUP): groups.get,
            ("put", GROUP): groups.create_or_update,
            ("delete", GROUP): long_running(groups.begin_delete),
            ("list all", f"{GROUP}/resources"): client.resources.list_by_resource_group,
            ("get", PROVIDER): client.providers.get,
            ("post", f"{PROVIDER}/register"): client.providers.register,
        },
        takes_version=False,
    )
