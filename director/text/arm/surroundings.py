"""What a deployment knows of where and when it runs.

Takes nothing, gives frozen values; a caller hands in the time and the identifiers, so that the room stays pure.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum
from typing import assert_never

from cpi.contract.value_classes import dataclass
from director.text.arm.values import Value

NO_ID = "00000000-0000-0000-0000-000000000000"


class DeploymentScope(Enum):
    """At what a template is deployed; its $schema says so."""

    RESOURCE_GROUP = "resource group"
    SUBSCRIPTION = "subscription"
    MANAGEMENT_GROUP = "management group"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`now` is what utcNow() returns, None where it is not known; `new_guids` are what newGuid() returns, in order.

    `template_link` is the address of the template, "" if it was not read from one.
    """

    scope: DeploymentScope = DeploymentScope.RESOURCE_GROUP
    subscription_id: str = NO_ID
    subscription_name: str = "subscription"
    tenant_id: str = NO_ID
    resource_group: str = "resource-group"
    management_group: str = "management-group"
    location: str = "eastus"
    deployment_name: str = "deployment"
    template_link: str = ""
    resource_group_tags: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    new_guids: tuple[str, ...] = ()
    references: Mapping[str, Value] = field(default_factory=dict, repr=False)
    """What deployed resources are like, by their identifiers in lower case: the whole resource."""
    lists: Mapping[tuple[str, str], Value] = field(default_factory=dict, repr=False)
    """What functions that begin with `list` return, by function and identifier in lower case."""

    @property
    def scope_id(self) -> str:
        """The identifier before that of each resource: "" for the tenant."""
        match self.scope:
            case DeploymentScope.RESOURCE_GROUP:
                return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            case DeploymentScope.SUBSCRIPTION:
                return f"/subscriptions/{self.subscription_id}"
            case DeploymentScope.MANAGEMENT_GROUP:
                return f"/providers/Microsoft.Management/managementGroups/{self.management_group}"
            case DeploymentScope.TENANT:
                return ""
            case _:
                assert_never(self.scope)
