"""Storage accounts, other resources and tags in the portal's form.

Takes the element, gives its parts and its value. Source: MicrosoftDocs/azure-docs
managed-applications/microsoft-storage-storageaccountselector.md @0db19635eb99, microsoft-common-tagsbyresource.md
@02d00dc8728a.
"""

from collections.abc import Iterator
from typing import cast

from director.model.questions import AnswerKind, AnswerRule, SetupQuestion
from director.text.arm.values import Value
from director.text.forms.element_parts import (
    NEW,
    CombinedElement,
    ElementPart,
    Parts,
    ask_group,
    ask_new,
    choices_of,
    question,
    whole,
)

_ACCOUNT = AnswerRule(words="It must have 3 to 24 lower-case letters and digits.", pattern="^[a-z0-9]{3,24}$")
_ID = AnswerRule(words="It must be the ID of a resource, /subscriptions/....", pattern="(?i)^/subscriptions/.+/.+$")


def account_parts(element: CombinedElement) -> Iterator[ElementPart]:
    """Whether it exists, its name and type."""
    yield ElementPart(name="newOrExisting", ask=ask_new("newOrExisting", new="", existing="hideExisting"))
    yield ElementPart(name="name", ask=_ask_account_name)
    yield ask_group("newOrExisting")
    yield ElementPart(name="type", ask=_ask_account_type)


def _ask_account_name(element: CombinedElement, parts: Parts) -> SetupQuestion:
    default = element.text("defaultValue", "name") or None
    return question(element, "name", "Storage account", default=default, rules=(_ACCOUNT,))


def _ask_account_type(element: CombinedElement, parts: Parts) -> SetupQuestion:
    allowed = element.inside("constraints", "allowedTypes")
    names = [str(each) for each in allowed] if isinstance(allowed, list) else []
    default = element.text("defaultValue", "type") or "Premium_LRS"
    return question(element, "type", "Type", default=default, choices=choices_of(*names))


def account_value(element: CombinedElement, parts: Parts) -> Value:
    """The account as the portal has it."""
    return whole({"newOrExisting": NEW, **parts}, kind="StorageV2")


def accounts_parts(element: CombinedElement) -> Iterator[ElementPart]:
    """What their names begin with, and their type."""
    yield ElementPart(name="prefix", ask=_ask_prefix)
    yield ElementPart(name="type", ask=_ask_account_type)


def _ask_prefix(element: CombinedElement, parts: Parts) -> SetupQuestion:
    default = element.text("defaultValue", "prefix") or None
    return question(element, "prefix", element.text("label", "prefix") or "Prefix of the names", default=default)


def resource_parts(element: CombinedElement) -> Iterator[ElementPart]:
    """The ID of a resource that exists."""
    yield ElementPart(name="id", ask=lambda element, parts: question(element, "id", "ID of the resource", rules=(_ID,)))


def resource_value(element: CombinedElement, parts: Parts) -> Value:
    """What its ID tells; the portal knows its location and tags, too."""
    words = str(parts.get("id") or "").split("/")
    named = {words[index].lower(): words[index + 1] for index in range(1, len(words) - 1, 2)}
    value = {"id": parts.get("id"), "name": words[-1], "resourceGroup": named.get("resourcegroups")}
    return cast(Value, value | {"subscriptionId": named.get("subscriptions")})


def tags_parts(element: CombinedElement) -> Iterator[ElementPart]:
    """Tags by type of resource."""
    yield ElementPart(name="tags", ask=_ask_tags)


def _ask_tags(element: CombinedElement, parts: Parts) -> SetupQuestion:
    listed = element.inside("resources")
    words = ", ".join(str(each) for each in listed) if isinstance(listed, list) else ""
    text = f"A map of resource types to tags, as JSON; types: {words}."
    return question(element, "tags", "Tags", kind=AnswerKind.MAP, default={}, is_required=False, help=text)
