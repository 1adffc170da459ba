"""What the portal's elements that ask several things are made of: parts, each with its question.

Takes an element with what was answered before it, gives questions named after the parts.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.model.questions import AnswerChoice, AnswerKind, SetupQuestion
from director.text.arm.template.nodes import Node
from director.text.arm.values import Value
from director.text.forms import elements

Parts = Mapping[str, JsonValue]
"""The answers of one element, by the names of its parts."""

NEW, EXISTING, NONE = "new", "existing", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedElement:
    """An element with what was answered before it; the texts of its members are evaluated once."""

    node: Node
    members: Mapping[str, Value]

    def inside(self, *names: str) -> Value:
        """A member of a member; None where there is none."""
        found: Value = dict(self.members)
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def text(self, *names: str) -> str:
        """The same as text, "" where there is none."""
        found = self.inside(*names)
        return str(found) if isinstance(found, str | int) else ""

    def is_set(self, *names: str) -> bool:
        """Whether it is true; what is not written is not."""
        return elements.is_true(self.inside(*names))

    def is_required(self) -> bool:
        """Whether it needs an answer: it does unless the form says otherwise."""
        return self.inside("constraints", "required") in (None, True, "true")


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementPart:
    """`ask` gives the question from the element and its earlier parts, or None where they make it needless."""

    name: str
    ask: Callable[[CombinedElement, Parts], SetupQuestion | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedKind:
    """A type of elements: what it asks, and its value of the answers."""

    parts: Callable[[CombinedElement], Iterator[ElementPart]]
    value: Callable[[CombinedElement, Parts], Value]


def question(element: CombinedElement, name: str, label: str, **more: object) -> SetupQuestion:
    """A question for a part: `name` is the part's, and its label and help are those of that name in the element."""
    spelled = name.rpartition(".")[2]
    written = element.text("label", spelled) or (element.text("label") and f"{element.text('label')}: {label}")
    asked: dict[str, object] = {
        "name": name,
        "kind": AnswerKind.TEXT,
        "label": written or label,
        "help": element.text("toolTip", spelled) or element.text("toolTip"),
        **more,
    }
    return SetupQuestion(**asked)  # type: ignore[arg-type]


def choices_of(*values: str) -> tuple[AnswerChoice, ...]:
    """Choices without labels."""
    return tuple(AnswerChoice(value=value) for value in values)


def ask_new(name: str, **words: str) -> Callable[[CombinedElement, Parts], SetupQuestion | None]:
    """Ask which of them it is; `words` have the option that hides each, "" for none. One alone is not asked for."""

    def ask(element: CombinedElement, parts: Parts) -> SetupQuestion | None:
        shown = [word for word, option in words.items() if not (option and element.is_set("options", option))]
        if len(shown) == 1:
            return None
        return question(element, name, "New or existing", default=NEW, choices=choices_of(*shown))

    return ask


def ask_group(name: str) -> ElementPart:
    """The resource group of what exists; what is new is in that of the deployment."""

    def ask(element: CombinedElement, parts: Parts) -> SetupQuestion | None:
        return question(element, "resourceGroup", "Resource group") if parts.get(name) == EXISTING else None

    return ElementPart(name="resourceGroup", ask=ask)


def whole(parts: Parts, **more: JsonValue) -> Value:
    """The value that has all parts, and more."""
    return cast(Value, {**parts, **more})
