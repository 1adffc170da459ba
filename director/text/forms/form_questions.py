"""A createUiDefinition.json as questions: the portal's form beside a template.

Takes its document, gives its questions in order. What the form has and a terminal cannot show is an error.
Source: MicrosoftDocs/azure-docs managed-applications/create-uidefinition-overview.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.errors import InputError, raise_all
from director.model.documents import Document, Remark
from director.model.questions import AnswerKind, SetupQuestion
from director.text.arm.template import problems
from director.text.arm.template.nodes import Node, root_of, suggestion
from director.text.arm.values import Value, quoted
from director.text.forms import combined, elements
from director.text.forms.evaluation import FormAnswers

_BASICS = "basics"
LOCATION = "location"
"""The question that the portal asks by itself; the function location() reads its answer."""
_MAX_ELEMENTS = 500
TYPES = (
    *(f"Microsoft.Common.{name}" for name in ("CheckBox", "DropDown", "InfoBox", "NumericBox", "OptionsGroup")),
    *(f"Microsoft.Common.{name}" for name in ("PasswordBox", "Slider", "TagsByResource", "TextBlock", "TextBox")),
    *(f"Microsoft.Compute.{name}" for name in ("CredentialsCombo", "SizeSelector", "UserNameTextBox")),
    *(f"Microsoft.Network.{name}" for name in ("PublicIpAddressCombo", "VirtualNetworkCombo")),
    *("Microsoft.Solutions.ResourceSelector", "Microsoft.Storage.MultiStorageAccountCombo"),
    "Microsoft.Storage.StorageAccountSelector",
)
"""Types of elements that are asked or shown, as the portal spells them. A section is its elements."""
_KINDS = frozenset(name.lower() for name in TYPES)
_REFUSED = {
    "microsoft.common.editablegrid": "a table cannot be typed in one line",
    "microsoft.common.fileupload": "files are not uploaded",
    "microsoft.common.serviceprincipalselector": "no directory is read",
    "microsoft.solutions.armapicontrol": "requests of the portal are not sent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _FormElement:
    """`around` is the section that the element is in; its values are within that of the section.

    `part` names what is asked where an element asks several things.
    """

    key: str
    name: str
    step: str
    node: Node
    around: Node | None = None
    part: str = ""


class FormQuestions:
    """Implements Questionnaire by the form. A key is the element's name, or step.name where two have that name."""

    def __init__(self, document: Document, *, seed: str) -> None:
        """`seed` is random for each interview. Raises InputError and Problems: all that cannot be asked or read."""
        self._seed = seed
        root = root_of(document)
        self._root = root
        found = list(_all_elements(root))
        raise_all(list(_problems_of(root, found)))
        self._elements = {each.key: each for each in found}
        self._asks_location = any("location()" in str(each.value) for each in root.leaves())
        asked = (key for key, each in self._elements.items() if elements.kind_of(each.node) not in elements.NOTES)
        self.keys = (*([LOCATION] if self._asks_location and LOCATION not in self._elements else []), *asked)
        self.remarks: tuple[Remark, ...] = document.remarks

    def question(self, key: str, answers: Mapping[str, JsonValue]) -> SetupQuestion | None:
        if key not in self._elements:
            return SetupQuestion(name=LOCATION, kind=AnswerKind.TEXT, label="Location", source=LOCATION)
        element, known = self._elements[key], self._known(answers)
        if not _is_visible(element, known):
            return None
        question = self._asked(element, answers, known)
        if question is None:
            return None
        notes = " ".join(elements.note_of(each.node, known) for each in self._notes_before(key, known))
        return SetupQuestion(
            **{name: getattr(question, name) for name in question.__slots__} | {"name": key, "note": notes}
        )

    def parameters(self, answers: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        known = self._known(answers)
        values = {name: elements.read(node, known) for name, node in outputs_of(self._root)}
        return {name: cast(JsonValue, value) for name, value in values.items() if value is not None}

    def _asked(
        self, element: _FormElement, answers: Mapping[str, JsonValue], known: FormAnswers
    ) -> SetupQuestion | None:
        if not element.part:
            is_answered = element.key in answers
            return elements.question_of(element.node, element.key, known, is_answered=is_answered)
        return combined.question_of(element.node, element.part, self._parts(element, answers), answers=known)

    def _parts(self, element: _FormElement, answers: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """The answers of one element that asks several things, by part."""
        own = (each for each in self._elements.values() if each.node is element.node and each.key in answers)
        return {each.part: answers[each.key] for each in own}

    def _notes_before(self, key: str, known: FormAnswers) -> Iterator[_FormElement]:
        """The notes between the question before and this one."""
        notes: list[_FormElement] = []
        for each in self._elements.values():
            if each.key == key:
                yield from notes
            elif elements.kind_of(each.node) in elements.NOTES:
                notes += [each] if _is_visible(each, known) else []
            else:
                notes = []

    def _known(self, answers: Mapping[str, JsonValue]) -> FormAnswers:
        """The answers by step, as the functions of the form read them; those of hidden elements are null."""
        basics: dict[str, Value] = {}
        steps: dict[str, dict[str, Value]] = {}
        location = str(answers.get(LOCATION) or "")
        for key, element in self._elements.items():
            if key not in answers:
                continue
            values = basics if element.step == _BASICS else steps.setdefault(element.step, {})
            if element.around is not None:
                name = element.around.text("name") or ""
                values = cast(dict[str, Value], values.setdefault(name, {}))
            value = cast(Value, answers[key])
            if element.part:
                before = FormAnswers(basics=basics, steps=steps, seed=self._seed, location=location)
                value = combined.value_of(element.node, self._parts(element, answers), before)
            values[element.name] = value
        return FormAnswers(basics=basics, steps=steps, seed=self._seed, location=location)


def outputs_of(root: Node) -> tuple[tuple[str, Node], ...]:
    """The parameters that the form gives values to, by name."""
    section = root.member("parameters")
    outputs = section.member("outputs") if section else None
    return tuple(outputs.members()) if outputs else ()


def _is_visible(element: _FormElement, known: FormAnswers) -> bool:
    around = element.around is None or elements.is_visible(element.around, known)
    return around and elements.is_visible(element.node, known)


def _all_elements(root: Node) -> Iterator[_FormElement]:
    section = root.member("parameters")
    if section is None or not section.is_object:
        raise problems.of_template(
            "A form has 'parameters' with 'basics', 'steps' and 'outputs'.",
            root,
            fix="Write {parameters: {basics: []}}.",
        )
    rows = list(_rows(section))
    if len(rows) > _MAX_ELEMENTS:
        raise problems.of_template(
            f"The form has {len(rows)} elements; the limit is {_MAX_ELEMENTS}.", section, fix="Ask less."
        )
    names = [name for _, name, _, _ in rows]
    for step, name, node, around in rows:
        key = name if names.count(name) == 1 else f"{step}.{name}"
        element = _FormElement(key=key, name=name, step=step, node=node, around=around)
        if elements.kind_of(node) not in combined.KINDS:
            yield element
            continue
        for part in combined.parts_of(node):
            yield replace(element, key=f"{key}.{part}", part=part)


def _rows(section: Node) -> Iterator[tuple[str, str, Node, Node | None]]:
    """Step, name, element and the section around it, of all elements in order."""
    basics, steps = section.member(_BASICS), section.member("steps")
    groups: list[tuple[str, Node | None]] = [(_BASICS, basics)]
    groups += [(each.text("name") or "", each.member("elements")) for each in (steps.elements() if steps else ())]
    for step, listed in groups:
        for node in listed.elements() if listed else ():
            if node.value != {}:  # the portal's own samples have empty elements
                yield from ((step, each.text("name") or "", each, around) for each, around in _with_inner(node))


def _with_inner(node: Node) -> Iterator[tuple[Node, Node | None]]:
    """The element, or those of a section with the section."""
    inner = node.member("elements")
    if elements.kind_of(node) != elements.SECTION:
        yield node, None
        return
    yield from ((each, node) for each in (inner.elements() if inner else ()))


def _problems_of(root: Node, found: Sequence[_FormElement]) -> Iterator[InputError]:
    for each in found:
        kind, node = elements.kind_of(each.node), each.node
        if not each.name:
            yield problems.of_template("An element of a form needs a name.", node, fix="Add 'name'.")
        if kind not in _KINDS:
            reason = _REFUSED.get(kind, "the terminal has no way to ask it")
            yield InputError(
                "form-element-unavailable",
                f"The element '{each.name}' of type {quoted(node.text('type') or '')} is not available here.",
                why=f"A form is asked line by line, and {reason}.",
                fix=suggestion(node.text("type") or "", TYPES),
                where=node.where,
            )
        yield from elements.pattern_problems(node)
    keys = [each.key for each in found]
    for each in found:
        if keys.count(each.key) > 1:
            yield problems.of_template(
                f"Two elements have the name '{each.key}'.", each.node, fix="Rename one of them."
            )
