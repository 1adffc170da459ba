"""Questions written: as a JSON Schema of their answers, as a form of the portal, and as words.

Takes questions, gives JSON and sentences.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.json_value import JsonValue
from director.model.questions import AnswerKind, SetupQuestion
from director.text.forms.answers import names_of

_FORM = "https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {
    AnswerKind.TEXT: "string",
    AnswerKind.SECRET: "string",
    AnswerKind.NUMBER: "integer",
    AnswerKind.FLAG: "boolean",
    AnswerKind.LIST: "array",
    AnswerKind.MAP: "object",
}


def schema_of(questions: Sequence[SetupQuestion], *, title: str) -> Mapping[str, JsonValue]:
    """A JSON Schema of the answers by name."""
    required: list[JsonValue] = [each.name for each in questions if each.is_required and each.default is None]
    return {
        "$schema": _DIALECT,
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": {each.name: _property(each) for each in questions},
    }


def parameters_schema_of(questions: Sequence[SetupQuestion], *, title: str) -> Mapping[str, JsonValue]:
    """A JSON Schema of a parameter file: a value, or the name of a secret, by name."""
    reference: dict[str, JsonValue] = {
        "type": "object",
        "required": ["reference"],
        "properties": {"reference": {"type": "object", "properties": {"secretName": {"type": "string"}}}},
    }
    answers = schema_of(questions, title=title)
    members: dict[str, JsonValue] = {
        each.name: {
            "anyOf": [{"type": "object", "required": ["value"], "properties": {"value": _property(each)}}, reference]
        }
        for each in questions
    }
    section: dict[str, JsonValue] = {
        "type": "object",
        "additionalProperties": False,
        "required": answers["required"],
        "properties": members,
    }
    return {
        "$schema": _DIALECT,
        "title": title,
        "type": "object",
        "required": ["parameters"],
        "properties": {"$schema": {}, "contentVersion": {}, "parameters": section},
    }


def form_of(questions: Sequence[SetupQuestion]) -> Mapping[str, JsonValue]:
    """A createUiDefinition.json that asks the same questions in one step."""
    return {
        "$schema": _FORM,
        "handler": "Microsoft.Azure.CreateUIDef",
        "version": "0.1.2-preview",
        "parameters": {
            "basics": [_element(each) for each in questions],
            "steps": [],
            "outputs": {each.name: f"[basics('{each.name}')]" for each in questions},
        },
    }


def constraint_words(question: SetupQuestion) -> tuple[str, ...]:
    """What an answer must be, as phrases; nothing where anything is right."""
    return tuple(_constraints(question))


def _constraints(question: SetupQuestion) -> Iterator[str]:
    yield from (rule.words.removesuffix(".") for rule in question.rules if rule.pattern)
    unit = "elements" if question.kind is AnswerKind.LIST or question.is_several else "characters"
    yield from _limits(question.shortest, question.longest, unit)
    yield from _limits(question.least, question.most, "")
    if question.kind is AnswerKind.FLAG:
        yield "yes or no"
    elif question.kind is AnswerKind.NUMBER and question.least is None and question.most is None:
        yield "a whole number"
    elif question.is_several:
        yield "several, with commas between them"
    elif question.kind in {AnswerKind.LIST, AnswerKind.MAP}:
        yield f"a {question.kind.value}, written as JSON"


def _limits(least: int | None, most: int | None, unit: str) -> Iterator[str]:
    end = f" {unit}" if unit else ""
    if least and most is not None:
        yield f"{least} to {most}{end}"
    elif most is not None:
        yield f"at most {most}{end}" if not unit or least is None else f"{least} to {most}{end}"
    elif least:
        yield f"at least {least}{end}"


def _property(question: SetupQuestion) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {"type": _TYPES[question.kind], "title": question.label}
    if question.help:
        found["description"] = question.help
    if question.default is not None and question.kind is not AnswerKind.SECRET:
        found["default"] = question.default
    if question.choices and not question.is_open:
        allowed: list[JsonValue] = [choice.value for choice in question.choices]
        found |= {"type": "array", "items": {"enum": allowed}} if question.is_several else {"enum": allowed}
    patterns: list[JsonValue] = [{"pattern": rule.pattern} for rule in question.rules if rule.pattern]
    if patterns:
        found["allOf"] = patterns
    suffix = "Items" if question.kind is AnswerKind.LIST else "Length"
    limits = {f"min{suffix}": question.shortest, f"max{suffix}": question.longest}
    limits |= {"minimum": question.least, "maximum": question.most}
    return {**found, **{name: limit for name, limit in limits.items() if limit is not None}}


def _element(question: SetupQuestion) -> dict[str, JsonValue]:
    constraints: dict[str, JsonValue] = {"required": question.is_required}
    validations: list[JsonValue] = [
        {"regex": rule.pattern, "message": rule.words} for rule in question.rules if rule.pattern
    ]
    if question.shortest or question.longest:
        words = " and ".join(_limits(question.shortest, question.longest, "characters"))
        most = "" if question.longest is None else question.longest
        validations.append({"regex": f"^.{{{question.shortest or 0},{most}}}$", "message": f"It has {words}."})
    if validations:
        constraints["validations"] = validations
    found: dict[str, JsonValue] = {"name": question.name, "type": _type(question), "label": question.label}
    if question.kind is AnswerKind.SECRET:
        found |= {"label": {"password": question.label}, "options": {"hideConfirmation": True}}
    if question.help:
        found["toolTip"] = question.help
    if question.choices and not question.is_open:
        names = names_of([choice.value for choice in question.choices])
        labels = [choice.label or name for choice, name in zip(question.choices, names, strict=True)]
        constraints["allowedValues"] = [
            {"label": label, "value": choice.value} for label, choice in zip(labels, question.choices, strict=True)
        ]
    if question.kind is AnswerKind.NUMBER:
        found |= {"min": question.least or 0, "max": 2**31 - 1 if question.most is None else question.most}
    if question.default is not None:
        found["defaultValue"] = question.default
    return {**found, "constraints": constraints}


def _type(question: SetupQuestion) -> str:
    if question.choices and not question.is_open:
        return "Microsoft.Common.DropDown"
    kinds = {
        AnswerKind.SECRET: "PasswordBox",
        AnswerKind.NUMBER: "Slider",
        AnswerKind.FLAG: "CheckBox",
    }
    return f"Microsoft.Common.{kinds.get(question.kind, 'TextBox')}"
