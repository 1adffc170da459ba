"""Elements of the portal's form that ask several things: a network with its subnets, an address, credentials.

Takes the element's node and the answers so far, gives a question for each part, and the element's value of all parts.
"""

from collections.abc import Mapping
from typing import cast

from director.model.questions import SetupQuestion
from director.text.arm.template.nodes import Node
from director.text.arm.values import Value
from director.text.forms import credential_elements, elements, network_elements, resource_elements
from director.text.forms.element_parts import CombinedElement, CombinedKind, Parts, whole
from director.text.forms.evaluation import FormAnswers


def parts_of(node: Node) -> tuple[str, ...]:
    """The names of all that the element may ask."""
    element = CombinedElement(node=node, members={"subnets": cast(Value, _names(node.member("subnets")))})
    return tuple(part.name for part in _KINDS[elements.kind_of(node)].parts(element))


def question_of(node: Node, part: str, parts: Parts, *, answers: FormAnswers) -> SetupQuestion | None:
    """The question for one part, named after it alone; None where earlier parts make it needless. Raises InputError."""
    element = _read(node, answers)
    found = next(each for each in _KINDS[elements.kind_of(node)].parts(element) if each.name == part)
    return found.ask(element, parts)


def value_of(node: Node, parts: Parts, answers: FormAnswers) -> Value:
    """What the element is for the outputs of the form, as the portal has it. Raises InputError."""
    return _KINDS[elements.kind_of(node)].value(_read(node, answers), parts)


def _read(node: Node, answers: FormAnswers) -> CombinedElement:
    names = ("label", "toolTip", "defaultValue", "constraints", "options", "osPlatform", "subnets", "resources")
    return CombinedElement(node=node, members={name: elements.read(node.member(name), answers) for name in names})


def _names(node: Node | None) -> dict[str, dict[str, str]]:
    return {name: {} for name, _ in node.members()} if node else {}


_KINDS: Mapping[str, CombinedKind] = {
    "microsoft.compute.credentialscombo": CombinedKind(
        parts=credential_elements.parts, value=credential_elements.value
    ),
    "microsoft.network.publicipaddresscombo": CombinedKind(
        parts=network_elements.address_parts, value=network_elements.address_value
    ),
    "microsoft.network.virtualnetworkcombo": CombinedKind(
        parts=network_elements.network_parts, value=network_elements.network_value
    ),
    "microsoft.storage.storageaccountselector": CombinedKind(
        parts=resource_elements.account_parts, value=resource_elements.account_value
    ),
    "microsoft.storage.multistorageaccountcombo": CombinedKind(
        parts=resource_elements.accounts_parts, value=lambda _, parts: whole(parts)
    ),
    "microsoft.solutions.resourceselector": CombinedKind(
        parts=resource_elements.resource_parts, value=resource_elements.resource_value
    ),
    "microsoft.common.tagsbyresource": CombinedKind(
        parts=resource_elements.tags_parts, value=lambda _, parts: cast(Value, parts.get("tags"))
    ),
}
KINDS = frozenset(_KINDS)
"""Types of elements that ask several things, in lower case."""
