"""Credentials in the portal's form: a password, or a public SSH key.

Takes the element, gives its parts and its value. Source: MicrosoftDocs/azure-docs
managed-applications/microsoft-compute-credentialscombo.md @3735ba84d20a.
"""

from collections.abc import Iterator
from typing import cast

from director.model.questions import AnswerKind, AnswerRule, SetupQuestion
from director.text.arm.values import Value
from director.text.forms.element_parts import CombinedElement, ElementPart, Parts, choices_of, question

_PASSWORD, _PUBLIC_KEY = "password", "sshPublicKey"
_SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = {"linux": 72, "windows": 123}


def parts(element: CombinedElement) -> Iterator[ElementPart]:
    """How to sign in, then the password or the key."""
    yield ElementPart(name="authenticationType", ask=_ask_way)
    yield ElementPart(name=_PASSWORD, ask=_ask_password)
    yield ElementPart(name=_PUBLIC_KEY, ask=_ask_key)


def _ask_way(element: CombinedElement, parts: Parts) -> SetupQuestion | None:
    if _only_way(element):
        return None
    return question(
        element,
        "authenticationType",
        "Authentication type",
        default=_PUBLIC_KEY,
        choices=choices_of(_PUBLIC_KEY, _PASSWORD),
    )


def _only_way(element: CombinedElement) -> str:
    """The only way to sign in, "" where there are two."""
    if element.text("osPlatform").lower() == "windows":
        return _PASSWORD
    return _PUBLIC_KEY if element.is_set("options", "hidePassword") else ""


def _way(element: CombinedElement, parts: Parts) -> str:
    return _only_way(element) or str(parts.get("authenticationType") or "")


def _ask_password(element: CombinedElement, parts: Parts) -> SetupQuestion | None:
    if _way(element, parts) != _PASSWORD:
        return None
    pattern, words = (element.text("constraints", name) for name in ("customPasswordRegex", "customValidationMessage"))
    rules = (AnswerRule(words=words or "The form does not accept it.", pattern=pattern),) if pattern else ()
    return question(
        element,
        _PASSWORD,
        "Password",
        kind=AnswerKind.SECRET,
        is_required=element.is_required(),
        rules=rules,
        shortest=_SHORTEST_PASSWORD,
        longest=_LONGEST_PASSWORD.get(element.text("osPlatform").lower(), _LONGEST_PASSWORD["linux"]),
    )


def _ask_key(element: CombinedElement, parts: Parts) -> SetupQuestion | None:
    if _way(element, parts) != _PUBLIC_KEY:
        return None
    return question(element, _PUBLIC_KEY, "SSH public key", is_required=element.is_required(), source="ssh-key")


def value(element: CombinedElement, parts: Parts) -> Value:
    """The value as the portal has it."""
    way = _way(element, parts)
    value: dict[str, Value] = {"authenticationType": way, way: cast(Value, parts.get(way))}
    return value | {"generateNewSshKey": False} if way == _PUBLIC_KEY else value
