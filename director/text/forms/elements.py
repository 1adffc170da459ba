"""An element of the portal's form as a question.

Takes the element's node and the answers so far, gives a question or words to read. All expressions in it are evaluated.
Source: MicrosoftDocs/azure-docs managed-applications/create-uidefinition-elements.md, microsoft-common-*.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from cpi.contract.json_value import JsonValue
from director.errors import InputError
from director.model.questions import AnswerChoice, AnswerKind, AnswerRule, SetupQuestion
from director.text.arm.failures import ExpressionError
from director.text.arm.template import problems
from director.text.arm.template.nodes import Node
from director.text.arm.template.types import plain_value
from director.text.arm.values import Value
from director.text.forms import patterns
from director.text.forms.evaluation import FormAnswers, evaluate_value

SECTION, INFO_BOX, TEXT_BLOCK = "microsoft.common.section", "microsoft.common.infobox", "microsoft.common.textblock"
NOTES = frozenset({INFO_BOX, TEXT_BLOCK})
_CHOOSING = frozenset({"microsoft.common.dropdown", "microsoft.common.optionsgroup"})
_NUMBERS = frozenset({"microsoft.common.slider", "microsoft.common.numericbox"})
_PASSWORD, _CHECK_BOX = "microsoft.common.passwordbox", "microsoft.common.checkbox"
_TEXTS = frozenset({"microsoft.common.textbox", "microsoft.compute.usernametextbox"})
_SIZE = "microsoft.compute.sizeselector"
QUESTIONS = _CHOOSING | _NUMBERS | _TEXTS | {_PASSWORD, _CHECK_BOX, _SIZE}
"""Types of elements that ask something, in lower case."""


def kind_of(node: Node) -> str:
    """The element's type in lower case."""
    return (node.text("type") or "").lower()


def is_visible(node: Node, answers: FormAnswers) -> bool:
    """Whether the element is shown after these answers."""
    visible = read(node.member("visible"), answers)
    return visible is None or visible is True or (isinstance(visible, str) and visible.lower() == "true")


def note_of(node: Node, answers: FormAnswers) -> str:
    """The words of an InfoBox or a TextBlock, with their link."""
    options = read(node.member("options"), answers)
    parts = options if isinstance(options, dict) else {}
    return " ".join(str(parts[name]) for name in ("text", "uri") if parts.get(name))


def question_of(node: Node, key: str, answers: FormAnswers, *, is_answered: bool) -> SetupQuestion:
    """The question that the element asks after these answers. Raises InputError.

    Rules that the form itself evaluates read the answer, so they are left out until there is one.
    """
    kind, constraints = kind_of(node), node.member("constraints")
    limits = _limits(constraints, answers, is_answered=is_answered)
    choices = tuple(_choices(limits)) if kind in _CHOOSING else ()
    default = _default(read(node.member("defaultValue"), answers), kind, choices)
    if kind == _SIZE:
        choices, default = _sizes(read(node.member("recommendedSizes"), answers), limits)
    return SetupQuestion(
        name=key,
        kind=_kind(kind),
        label=_label(node, answers) or key,
        help=str(read(node.member("toolTip"), answers) or ""),
        default=default,
        choices=choices,
        is_open=kind == _SIZE and not limits.get("allowedSizes"),
        is_several=is_true(read(node.member("multiselect"), answers)),
        is_required=is_true(limits.get("required")) or kind in _NUMBERS | {_CHECK_BOX, _SIZE},
        rules=tuple(_rules(limits, constraints, kind=kind)),
        least=_whole(read(node.member("min"), answers)),
        most=_whole(read(node.member("max"), answers)),
    )


def read(node: Node | None, answers: FormAnswers) -> Value:
    """What a member says after these answers, None without it. Raises InputError with its place."""
    return None if node is None else _evaluated(plain_value(node), answers, node)


def _evaluated(value: Value, answers: FormAnswers, node: Node) -> Value:
    try:
        seed = answers.seed and f"{answers.seed} {node.json_path}"
        return evaluate_value(value, replace(answers, seed=seed))
    except ExpressionError as error:
        raise problems.of_expression(error, node) from error


def _limits(node: Node | None, answers: FormAnswers, *, is_answered: bool) -> Mapping[str, Value]:
    if node is None:
        return {}
    written = plain_value(node)
    limits = dict(written) if isinstance(written, dict) else {}
    rows = limits.get("validations")
    if not is_answered and isinstance(rows, list):
        limits["validations"] = [each for each in rows if not (isinstance(each, dict) and "isValid" in each)]
    found = _evaluated(limits, answers, node)
    return found if isinstance(found, dict) else {}


def pattern_problems(node: Node) -> Iterator[InputError]:
    """Patterns of the element that are not valid or could take too long."""
    constraints = node.member("constraints")
    if constraints is None:
        return
    validations = constraints.member("validations")
    holders = (constraints, *(validations.elements() if validations else ()))
    for pattern in (constraints.member("customPasswordRegex"), *(each.member("regex") for each in holders)):
        if pattern is not None:
            try:
                patterns.check_pattern(str(pattern.value))
            except ExpressionError as error:
                yield problems.of_template(error.what, pattern, fix=error.hint or "Correct the pattern.")


def _kind(kind: str) -> AnswerKind:
    if kind in _NUMBERS:
        return AnswerKind.NUMBER
    return {_PASSWORD: AnswerKind.SECRET, _CHECK_BOX: AnswerKind.FLAG}.get(kind, AnswerKind.TEXT)


def _label(node: Node, answers: FormAnswers) -> str:
    label = read(node.member("label"), answers)
    if isinstance(label, dict):
        return next((str(each) for each in label.values() if each), "")
    return str(label or "")


def _choices(limits: Mapping[str, Value]) -> Iterator[AnswerChoice]:
    allowed = limits.get("allowedValues")
    for each in allowed if isinstance(allowed, list) else ():
        if isinstance(each, dict) and "value" in each:
            label = str(each.get("label") or "")
            words = " - ".join(text for text in (label, str(each.get("description") or "")) if text)
            yield AnswerChoice(value=cast(JsonValue, each["value"]), label=words if words != each["value"] else "")
        elif not isinstance(each, dict):
            yield AnswerChoice(value=cast(JsonValue, each))


def _sizes(recommended: Value, limits: Mapping[str, Value]) -> tuple[tuple[AnswerChoice, ...], JsonValue]:
    """The sizes that are allowed, or else recommended, and the first recommended one."""
    excluded, allowed = (_texts(limits.get(name)) for name in ("excludedSizes", "allowedSizes"))
    advised = [each for each in _texts(recommended) if each not in excluded and (not allowed or each in allowed)]
    names = [*advised, *(each for each in allowed if each not in advised)]
    return tuple(AnswerChoice(value=each) for each in names), names[0] if names else None


def _texts(value: Value) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _default(value: Value, kind: str, choices: Sequence[AnswerChoice]) -> JsonValue:
    """The default; a DropDown names the label of a choice, a CheckBox without one is not checked."""
    if kind == _CHECK_BOX:
        return is_true(value)
    if kind not in _CHOOSING or value is None:
        return cast(JsonValue, value if value != "" else None)
    if isinstance(value, list):
        return [_labelled(each, choices) for each in value]
    return _labelled(value, choices)


def _labelled(value: Value, choices: Sequence[AnswerChoice]) -> JsonValue:
    by_label = {choice.label.partition(" - ")[0]: choice.value for choice in choices if choice.label}
    if isinstance(value, dict):  # {"value": ...}, as in multiselect
        return cast(JsonValue, value.get("value"))
    return by_label.get(str(value), cast(JsonValue, value))


def _rules(limits: Mapping[str, Value], node: Node | None, *, kind: str) -> Iterator[AnswerRule]:
    validations = limits.get("validations")
    rows = [
        limits,
        *(each for each in (validations if isinstance(validations, list) else ()) if isinstance(each, dict)),
    ]
    for row in rows:
        words = str(row.get("message") or row.get("validationMessage") or "")
        if row.get("regex"):
            yield AnswerRule(words=words or f"It must match {row['regex']}.", pattern=str(row["regex"]))
        if "isValid" in row:
            yield AnswerRule(words=words or "The form does not accept it.", is_broken=row["isValid"] is not True)
    if kind == _SIZE and (excluded := _texts(limits.get("excludedSizes"))):
        words = f"It must not be one of {', '.join(excluded)}."
        yield AnswerRule(words=words, pattern=f"(?i)^(?!(?:{'|'.join(re.escape(each) for each in excluded)})$)")
    if kind == _CHECK_BOX and is_true(limits.get("required")):
        yield AnswerRule(words=str(limits.get("validationMessage") or "It must be accepted."), pattern="^true$")


def is_true(value: Value) -> bool:
    """Whether a member of an element says yes."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _whole(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
