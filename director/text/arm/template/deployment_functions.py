"""Functions that a template has beside the built-in ones: deployment(), and those of parameter defaults.

Takes a template and what surrounds it, gives functions.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from director.text.arm.failures import ExpressionError
from director.text.arm.functions import date_formats
from director.text.arm.functions.function import FunctionArguments, Functions, by_name, fixed, ranged
from director.text.arm.surroundings import DeploymentScope, Surroundings
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.template.sections import Template
from director.text.arm.values import DeployedValue, Value

_NOW = "yyyyMMddTHHmmssZ"
ONLY_IN_DEFAULTS = frozenset({"utcnow", "newguid"})
ASKED_OF_THE_CLOUD = frozenset(
    {"providers", "roledefinitions", "tologicalzone", "tologicalzones", "tophysicalzone", "tophysicalzones"}
)
"""Their values are the cloud's to give."""


def functions(template: Template, surroundings: Surroundings, given: Sequence[GivenParameter]) -> Functions:
    """deployment(), and functions whose values only the cloud knows."""
    value = _deployment(template, surroundings, given)
    return by_name(
        (
            fixed("deployment", 0, lambda _: value),
            *(ranged(name, 0, None, run=_of_the_cloud) for name in ASKED_OF_THE_CLOUD),
        )
    )


def only_in_defaults(surroundings: Surroundings) -> Functions:
    """utcNow() and newGuid()."""
    guids = iter(surroundings.new_guids)
    return by_name(
        (
            ranged("utcNow", 0, 1, run=lambda arguments: _utc_now(arguments, surroundings.now)),
            fixed("newGuid", 0, lambda arguments: _new_guid(arguments, guids)),
        )
    )


def _deployment(template: Template, surroundings: Surroundings, given: Sequence[GivenParameter]) -> Value:
    properties: dict[str, Value] = {
        "mode": "Incremental",
        "provisioningState": "Accepted",
        "parameters": {each.name: {"value": each.value} for each in given},
        "template": {"contentVersion": template.content_version},
    }
    if surroundings.template_link:
        properties["templateLink"] = {"uri": surroundings.template_link, "contentVersion": template.content_version}
    found: dict[str, Value] = {"name": surroundings.deployment_name, "properties": properties}
    if surroundings.scope is not DeploymentScope.RESOURCE_GROUP:
        found["location"] = surroundings.location
    return found


def _of_the_cloud(arguments: FunctionArguments) -> Value:
    words = ", ".join(f"'{text}'" for text in arguments.texts())
    return DeployedValue(origin=f"{arguments.name}({words})")


def _utc_now(arguments: FunctionArguments, now: datetime | None) -> Value:
    form = arguments.text(0) if len(arguments) else _NOW
    return DeployedValue(origin="utcNow()") if now is None else date_formats.format_date(now, form)


def _new_guid(arguments: FunctionArguments, guids: Iterator[str]) -> Value:
    return next(guids, None) or DeployedValue(origin=f"{arguments.name}()")


def refuse(name: str) -> ExpressionError:
    """The error of a function at a place where it may not be."""
    return ExpressionError(f"The template function '{name}' is not expected at this location.")
