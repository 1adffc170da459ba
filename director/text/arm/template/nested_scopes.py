"""Deployments within templates: where their templates are, and whose names those use.

Takes a resource's node, gives parts of it. Source: MicrosoftDocs/azure-docs linked-templates.md @00abd98e7183.
"""

from dataclasses import replace

from director.text.arm.surroundings import DeploymentScope, Surroundings
from director.text.arm.template.nodes import Node
from director.text.arm.values import DeployedValue, Value

DEPLOYMENTS = "microsoft.resources/deployments"


def is_deployment(node: Node) -> bool:
    """Whether a resource is a deployment."""
    return (node.text("type") or "").lower() == DEPLOYMENTS


def nested_template(node: Node) -> Node | None:
    """The template that is written within the resource, if there is one."""
    properties = node.member("properties") if is_deployment(node) else None
    found = properties.member("template") if properties else None
    return found if found and found.is_object else None


def is_inner(node: Node) -> bool:
    """Whether the nested template uses its own parameters and variables, not those around it."""
    properties = node.member("properties")
    options = properties.member("expressionEvaluationOptions") if properties else None
    return bool(options and (options.text("scope") or "").lower() == "inner")


def target(here: Surroundings, subscription: Value, group: Value) -> Surroundings | None:
    """Where a deployment runs that names a subscription or a group; None if that is not known yet."""
    if isinstance(subscription, DeployedValue) or isinstance(group, DeployedValue):
        return None
    found = replace(here, subscription_id=subscription) if isinstance(subscription, str) and subscription else here
    if isinstance(group, str) and group:
        return replace(found, scope=DeploymentScope.RESOURCE_GROUP, resource_group=group)
    if isinstance(subscription, str) and subscription and found.scope is not DeploymentScope.RESOURCE_GROUP:
        return replace(found, scope=DeploymentScope.SUBSCRIPTION)
    return found
