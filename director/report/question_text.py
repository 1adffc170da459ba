"""A question on a terminal of 80 columns.

Takes a question, gives the lines above the prompt, and the prompt.
"""

import json
import textwrap
from collections.abc import Iterator, Sequence

from cpi.contract.json_value import JsonValue
from director.model.questions import AnswerChoice, AnswerKind, SetupQuestion
from director.report import cleaning

_WIDTH = 78
_LONG = 40
"""A longer answer with a label, such as a key, is shown by its label alone."""
_IN_ROWS = 12
"""More choices than that, none with a label, are listed in rows."""


def question_lines(question: SetupQuestion, constraints: Sequence[str]) -> tuple[str, ...]:
    """What a person reads before answering; the first line is empty."""
    return tuple(_lines(question, constraints))


def prompt_text(question: SetupQuestion) -> str:
    """The prompt, with the answer that Enter gives in brackets."""
    if question.default is None or question.kind is AnswerKind.SECRET:
        return f"{question.name}: " if question.is_required else f"{question.name} [none]: "
    default = answer_text(question.default)
    named = [choice.label for choice in question.choices if choice.value == question.default]
    shown = named[0] if named and len(default) > _LONG else default
    return f"{question.name} [{shown or 'none'}]: "


def answer_text(value: JsonValue) -> str:
    """An answer as it can be typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return cleaning.clean_line(value)
    return json.dumps(value)


def fault_lines(faults: Sequence[str]) -> tuple[str, ...]:
    """What is wrong with an answer."""
    return tuple(line for fault in faults for line in _wrapped(fault, "  "))


def _lines(question: SetupQuestion, constraints: Sequence[str]) -> Iterator[str]:
    yield ""
    yield from _wrapped(question.label, "")
    for text in (question.help, question.note):
        yield from _wrapped(text, "  ")
    if constraints:
        words = "; ".join(constraints)
        yield from _wrapped(f"{words[:1].upper()}{words[1:]}.", "  ")
    yield from _choices(question.choices)


def _choices(choices: Sequence[AnswerChoice]) -> Iterator[str]:
    names = [answer_text(choice.value) or "(none)" for choice in choices]
    if len(choices) > _IN_ROWS and not any(choice.label for choice in choices):
        yield from _wrapped("  ".join(name.replace(" ", "\u00a0") for name in names), "  ")
        return
    names = ["" if len(name) > _LONG and choice.label else name for name, choice in zip(names, choices, strict=True)]
    width = max((len(name) for name in names), default=0)
    for number, (name, choice) in enumerate(zip(names, choices, strict=True), start=1):
        start = f"  {number:>2}  {name:<{width}}  "
        first, *rest = _wrapped(choice.label, " " * len(start)) or [""]
        yield f"{start}{first[len(start) :]}".rstrip()
        yield from rest


def _wrapped(text: str, indent: str) -> list[str]:
    clean = [line for line in cleaning.clean_lines(text) if line.strip()]
    options = {"initial_indent": indent, "subsequent_indent": indent}
    wrapped = [textwrap.wrap(line, _WIDTH, break_on_hyphens=False, **options) for line in clean]  # type: ignore[arg-type]
    return [line.replace("\u00a0", " ") for lines in wrapped for line in lines]
