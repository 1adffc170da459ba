"""Functions that say where a deployment runs, and on what cloud.

Takes what the deployment knows, gives functions. Source: MicrosoftDocs/azure-docs template-functions-scope.md
@1a965bd10833, template-functions-deployment.md @00f324471592.
"""

from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import Function, FunctionArguments, Functions, by_name, fixed, ranged
from director.text.arm.surroundings import DeploymentScope, Surroundings
from director.text.arm.values import Value

_MANAGEMENT = "Microsoft.Management/managementGroups"


def functions(surroundings: Surroundings) -> Functions:
    """subscription() and its fellows, for a deployment."""
    return by_name(
        (
            *_scopes(surroundings),
            fixed("environment", 0, lambda _: _environment()),
            fixed("deployer", 0, lambda _: _deployer(surroundings)),
            ranged("pickZones", 3, 5, run=_pick_zones),
        )
    )


def _scopes(found: Surroundings) -> tuple[Function, ...]:
    group = {DeploymentScope.RESOURCE_GROUP}
    subscription = {*group, DeploymentScope.SUBSCRIPTION}
    return (
        fixed("resourceGroup", 0, lambda given: _at(given, found, group, value=_resource_group(found))),
        fixed("subscription", 0, lambda given: _at(given, found, subscription, value=_subscription(found))),
        fixed("tenant", 0, lambda _: _tenant(found)),
        fixed("managementGroup", 0, lambda given: _management_group(given, found)),
    )


def _at(given: FunctionArguments, found: Surroundings, scopes: set[DeploymentScope], *, value: Value) -> Value:
    if found.scope in scopes:
        return value
    raise ExpressionError(
        f"The template function '{given.name.upper()}' is not expected at this location.",
        hint=f"The template is for a {found.scope.value}, as its $schema says.",
    )


def _resource_group(found: Surroundings) -> Value:
    return {
        "id": f"/subscriptions/{found.subscription_id}/resourceGroups/{found.resource_group}",
        "name": found.resource_group,
        "type": "Microsoft.Resources/resourceGroups",
        "location": found.location,
        "tags": dict(found.resource_group_tags),
        "properties": {"provisioningState": "Succeeded"},
    }


def _subscription(found: Surroundings) -> Value:
    return {
        "id": f"/subscriptions/{found.subscription_id}",
        "subscriptionId": found.subscription_id,
        "tenantId": found.tenant_id,
        "displayName": found.subscription_name,
    }


def _tenant(found: Surroundings) -> Value:
    return {"id": f"/tenants/{found.tenant_id}", "tenantId": found.tenant_id, "displayName": "", "countryCode": ""}


def _management_group(given: FunctionArguments, found: Surroundings) -> Value:
    value: Value = {
        "id": f"/providers/{_MANAGEMENT}/{found.management_group}",
        "name": found.management_group,
        "type": f"/providers/{_MANAGEMENT}",
        "properties": {"displayName": found.management_group, "tenantId": found.tenant_id},
    }
    return _at(given, found, {DeploymentScope.MANAGEMENT_GROUP}, value=value)


def _deployer(found: Surroundings) -> Value:
    return {"tenantId": found.tenant_id, "objectId": "", "userPrincipalName": ""}


def _pick_zones(given: FunctionArguments) -> Value:
    count = given.integer(3) if len(given) > 3 else 1
    offset = given.integer(4) if len(given) > 4 else 0
    given.text(0), given.text(1), given.text(2)
    if not (1 <= count <= 3 and 0 <= offset <= 2 and count + offset <= 3):
        raise ExpressionError("The template language function 'pickZones' picks from the zones '1', '2' and '3'.")
    return [str(offset + zone) for zone in range(1, count + 1)]


def _environment() -> Value:
    return {
        "name": "AzureCloud",
        "gallery": "https://gallery.azure.com/",
        "graph": "https://graph.windows.net/",
        "portal": "https://portal.azure.com",
        "graphAudience": "https://graph.windows.net/",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "vmImageAliasDoc": "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json",
        "resourceManager": "https://management.azure.com/",
        "authentication": {
            "loginEndpoint": "https://login.microsoftonline.com/",
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {
            "acrLoginServer": ".azurecr.io",
            "azureDatalakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "azureDatalakeStoreFileSystem": "azuredatalakestore.net",
            "azureFrontDoorEndpointSuffix": "azurefd.net",
            "keyvaultDns": ".vault.azure.net",
            "sqlServerHostname": ".database.windows.net",
            "storage": "core.windows.net",
        },
    }
