"""Functions that build identifiers of resources.

Takes what the deployment knows, gives functions. Source: MicrosoftDocs/azure-docs template-functions-resource.md
@0166123bbd40.
"""

import re

from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import FunctionArguments, Functions, by_name, ranged
from director.text.arm.surroundings import DeploymentScope, Surroundings
from director.text.arm.values import Value, quoted

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


def functions(surroundings: Surroundings) -> Functions:
    """resourceId and its fellows, for a deployment."""
    scope = surroundings
    return by_name(
        (
            ranged("resourceId", 2, None, run=lambda arguments: _resource_id(arguments, scope)),
            ranged("subscriptionResourceId", 2, None, run=lambda arguments: _subscription_id(arguments, scope)),
            ranged("tenantResourceId", 2, None, run=_tenant_id),
            ranged("managementGroupResourceId", 2, None, run=lambda arguments: _management_group_id(arguments, scope)),
            ranged("extensionResourceId", 3, None, run=_extension_id),
        )
    )


def resource_path(function: str, words: list[str]) -> str:
    """`Namespace/type/name/subtype/subname` for a type and its names. Raises ExpressionError."""
    namespace, *types = words[0].rstrip("/").split("/")
    names = [part for word in words[1:] for part in ([word] if word.count("/") == 0 else _segments(word))]
    if len(types) != len(names) or not types:
        raise ExpressionError(
            f"Unable to evaluate template language function '{function}': the type '{quoted(words[0])}' requires "
            f"'{len(types)}' resource name argument(s)."
        )
    return "/".join((namespace, *(part for pair in zip(types, names, strict=True) for part in pair)))


def _segments(word: str) -> list[str]:
    """The segments of a name; a slash at its end makes none."""
    return word.rstrip("/").split("/")


def _resource_id(arguments: FunctionArguments, scope: Surroundings) -> Value:
    leading, words = _split_at_type(arguments)
    if scope.scope in {DeploymentScope.TENANT, DeploymentScope.MANAGEMENT_GROUP}:
        _check_leading(arguments, leading, most=0)
        return f"/providers/{resource_path(arguments.name, words)}"
    if scope.scope is DeploymentScope.SUBSCRIPTION and len(leading) < 2:
        return f"{_subscription(leading, scope)}/providers/{resource_path(arguments.name, words)}"
    _check_leading(arguments, leading, most=2)
    group = leading[-1] if leading else scope.resource_group
    subscription = _subscription(leading[:-1], scope)
    return f"{subscription}/resourceGroups/{group}/providers/{resource_path(arguments.name, words)}"


def _subscription_id(arguments: FunctionArguments, scope: Surroundings) -> Value:
    leading, words = _split_at_type(arguments)
    _check_leading(arguments, leading, most=1)
    return f"{_subscription(leading, scope)}/providers/{resource_path(arguments.name, words)}"


def _tenant_id(arguments: FunctionArguments) -> Value:
    return f"/providers/{resource_path(arguments.name, arguments.texts())}"


def _management_group_id(arguments: FunctionArguments, scope: Surroundings) -> Value:
    leading, words = _split_at_type(arguments)
    _check_leading(arguments, leading, most=1)
    group = leading[0] if leading else scope.management_group
    prefix = f"/providers/Microsoft.Management/managementGroups/{group}"
    return f"{prefix}/providers/{resource_path(arguments.name, words)}"


def _extension_id(arguments: FunctionArguments) -> Value:
    start, *words = arguments.texts()
    return f"{start.rstrip('/')}/providers/{resource_path(arguments.name, words)}"


def _split_at_type(arguments: FunctionArguments) -> tuple[list[str], list[str]]:
    """What stands before the type, which is the first text with a slash, and the rest."""
    texts = arguments.texts()
    at = next((index for index, text in enumerate(texts) if "/" in text), None)
    if at is None:
        raise ExpressionError(
            f"Unable to evaluate template language function '{arguments.name}': no argument is a resource type "
            "such as 'Microsoft.Network/virtualNetworks'."
        )
    return texts[:at], texts[at:]


def _subscription(leading: list[str], scope: Surroundings) -> str:
    if leading and not _GUID.match(leading[0]):
        raise ExpressionError(f"The provided value '{quoted(leading[0])}' is not valid subscription identifier.")
    return f"/subscriptions/{leading[0] if leading else scope.subscription_id}"


def _check_leading(arguments: FunctionArguments, leading: list[str], *, most: int) -> None:
    if len(leading) > most:
        raise ExpressionError(
            f"Unable to evaluate template language function '{arguments.name}': {len(leading)} arguments stand before "
            f"the resource type; at most {most} may."
        )
