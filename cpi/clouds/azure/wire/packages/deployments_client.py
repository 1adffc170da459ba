"""Operations of azure-mgmt-resource-deployments. Imported by its name when a call first needs it."""

from azure.mgmt.resource.deployments import DeploymentsMgmtClient

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.packages.typed_operations import Client, PageLink, long_running

_KIND = names.DEPLOYMENT.lower()


def connect(link: PageLink) -> Client:
    """A client for one subscription; nothing is sent. Its one API version is the client's."""
    client = DeploymentsMgmtClient(
        link.credential,
        link.subscription,
        base_url=link.base_url,
        policies=link.policies,
        transport=link.transport,
        api_version=names.version_of("/providers/Microsoft.Resources"),
    )
    deployments = client.deployments
    return Client(
        table={
            ("get", _KIND): deployments.get,
            ("list", _KIND): deployments.list_by_resource_group,
            ("put", _KIND): long_running(deployments.begin_create_or_update),
            ("post", f"{_KIND}/validate"): long_running(deployments.begin_validate),
            ("post", f"{_KIND}/whatif"): long_running(deployments.begin_what_if),
            ("list", f"{_KIND}/operations"): client.deployment_operations.list,
        },
        takes_version=False,
    )
