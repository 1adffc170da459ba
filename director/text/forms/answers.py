"""An answer read: text to the value that a question takes, or sentences why it is none.

Takes a question and what somebody wrote, gives a value. Patterns come from templates, so their work is bounded.
"""

import json
import re
from collections.abc import Iterator, Sequence

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.model.questions import AnswerKind, SetupQuestion
from director.text import nearest
from director.text.arm import json_text
from director.text.arm.failures import ExpressionError
from director.text.forms import patterns

_YES, _NO = frozenset({"y", "yes", "true"}), frozenset({"n", "no", "false"})
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
MAX_LENGTH = 8192
"""Characters of one answer; the longest that is usual is a key or a certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAnswer:
    """`faults` are sentences, empty where the value is right."""

    value: JsonValue = None
    faults: tuple[str, ...] = ()


def read_answer(question: SetupQuestion, text: str) -> ReadAnswer:
    """Read what somebody typed: "" is the default where there is one, a number may be that of a choice."""
    if len(text) > MAX_LENGTH:
        return ReadAnswer(faults=(f"It has {len(text)} characters; the limit is {MAX_LENGTH}.",))
    typed = text if question.kind is AnswerKind.SECRET else text.strip()
    if not typed and question.default is not None:
        return ReadAnswer(value=question.default)
    if not typed and not question.is_required:
        return ReadAnswer()
    try:
        value = _value(question, typed)
    except ValueError as error:
        return ReadAnswer(faults=(str(error),))
    return ReadAnswer(value=value, faults=tuple(faults_of(question, value)))


def faults_of(question: SetupQuestion, value: JsonValue) -> Iterator[str]:
    """Everything that is wrong with a value, as sentences."""
    if value is None or value == "":
        if question.is_required:
            yield "It needs an answer."
        if question.is_required or value is None:
            return
    wrong_type = _type_fault(question, value)
    if wrong_type:
        yield wrong_type
        return
    if question.choices and not question.is_open:
        yield from _choice_faults(question, value)
    yield from _limit_faults(question, value)
    if value != "" or question.is_required:
        yield from _rule_faults(question, value)


def names_of(choices: Sequence[JsonValue]) -> tuple[str, ...]:
    """Choices as a person types them."""
    return tuple(each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in choices)


def _value(question: SetupQuestion, text: str) -> JsonValue:
    """Raises ValueError with a sentence."""
    values = [choice.value for choice in question.choices]
    if question.is_several:
        return [_one_of(values, part.strip()) for part in text.split(",") if part.strip()]
    chosen = _one_of(values, text) if values else text
    if not isinstance(chosen, str) or chosen in values:
        return chosen
    match question.kind:
        case AnswerKind.NUMBER:
            if not _INTEGER.fullmatch(text):
                raise ValueError("It must be a whole number.")
            return int(text)
        case AnswerKind.FLAG:
            if text.lower() not in _YES | _NO:
                raise ValueError("It must be yes or no.")
            return text.lower() in _YES
        case AnswerKind.LIST | AnswerKind.MAP:
            return _json(text)
        case _:
            return text


def _one_of(values: Sequence[JsonValue], text: str) -> JsonValue:
    """A choice by its value or its number; the text where it is neither."""
    named = dict(zip(names_of(values), values, strict=True))
    if text in named:
        return named[text]
    if text.isascii() and text.isdigit() and 1 <= int(text) <= len(values):
        return values[int(text) - 1]
    return next((value for name, value in named.items() if name.lower() == text.lower()), text)


def _json(text: str) -> JsonValue:
    try:
        return json_text.read_value(text)  # type: ignore[return-value]  # JSON alone is read
    except ExpressionError as error:
        raise ValueError("It must be JSON.") from error


def _type_fault(question: SetupQuestion, value: JsonValue) -> str:
    if question.is_several:
        return "" if isinstance(value, list) else "It must be a list."
    match question.kind:
        case AnswerKind.TEXT | AnswerKind.SECRET:
            return "" if isinstance(value, str) else "It must be text."
        case AnswerKind.NUMBER:
            is_number = isinstance(value, int) and not isinstance(value, bool)
            return "" if is_number else "It must be a whole number."
        case AnswerKind.FLAG:
            return "" if isinstance(value, bool) else "It must be yes or no."
        case AnswerKind.LIST:
            return "" if isinstance(value, list) else "It must be a list, written as JSON."
        case AnswerKind.MAP:
            return "" if isinstance(value, dict) else "It must be a map, written as JSON."


def _choice_faults(question: SetupQuestion, value: JsonValue) -> Iterator[str]:
    values = [choice.value for choice in question.choices]
    known = names_of(values)
    for each in value if question.is_several and isinstance(value, list) else [value]:
        if each not in values:
            near = nearest.nearest_word(str(each), known)
            hint = f" Did you mean {near}?" if near else ""
            listed = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
            yield f"It must be one of {listed}.{hint}"


def _limit_faults(question: SetupQuestion, value: JsonValue) -> Iterator[str]:
    if isinstance(value, int) and not isinstance(value, bool):
        if question.least is not None and value < question.least:
            yield f"It must be at least {question.least}, got {value}."
        if question.most is not None and value > question.most:
            yield f"It must be at most {question.most}, got {value}."
    if isinstance(value, str | list):
        unit = "characters" if isinstance(value, str) else "elements"
        if question.shortest is not None and len(value) < question.shortest:
            yield f"It must have at least {question.shortest} {unit}, got {len(value)}."
        if question.longest is not None and len(value) > question.longest:
            yield f"It must have at most {question.longest} {unit}, got {len(value)}."


def _rule_faults(question: SetupQuestion, value: JsonValue) -> Iterator[str]:
    text = value if isinstance(value, str) else json.dumps(value)
    for rule in question.rules:
        if rule.is_broken or (rule.pattern and not patterns.is_found(rule.pattern, text)):
            yield rule.words if rule.words.endswith((".", "!", "?")) else f"It takes {rule.words}."
