"""The use case of asking: each question of a template answered, on a terminal one by one, or by given texts alone.

Takes a questionnaire and what was given, gives answers; without a terminal all that is wrong is reported at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cpi.contract.errors import ExplainedError
from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.errors import InputError, each_problem, raise_all
from director.model.questions import AnswerKind, SetupQuestion
from director.text import nearest
from director.text.forms import answers as reading
from director.text.forms import writing
from director.text.forms.questionnaire import Questionnaire

Answers = Mapping[str, JsonValue]
Ask = Callable[[SetupQuestion, Sequence[str]], str]
"""The question and what was wrong with the answer before, to the text that a person typed. Raises WrongUseError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """`given` are texts by name, those in `read` come from files. `ask` is None without a terminal.

    `complete` adds what is known of a question's answers; `check` says what is wrong with an answer beyond its rules.
    """

    questionnaire: Questionnaire
    given: Mapping[str, str]
    read: frozenset[str]
    ask: Ask | None
    complete: Callable[[SetupQuestion, Answers], SetupQuestion]
    check: Callable[[SetupQuestion, JsonValue], Sequence[str]]


def hold_interview(interview: Interview) -> Answers:
    """Every answer by name; None where a question has none. Raises InputError and Problems."""
    answers: dict[str, JsonValue] = {}
    problems: list[ExplainedError] = list(_unknown_names(interview))
    for key in interview.questionnaire.keys:
        try:
            question = interview.questionnaire.question(key, answers)
            if question is None:
                problems += _needless(key) if key in interview.given else ()
                continue
            answers[key] = _answer(interview, interview.complete(question, answers), answers)
        except InputError as error:
            problems += each_problem(error)
    raise_all(problems)
    return answers


def answer_one(question: SetupQuestion, ask: Ask | None, *, given: str, option: str) -> JsonValue:
    """The answer to a question by itself: as given by the option, typed, or its default. Raises InputError."""
    if given:
        read = reading.read_answer(question, given)
        if read.faults:
            raise _invalid(question, read.faults, option=option)
        return read.value
    faults: tuple[str, ...] = ()
    while ask is not None:
        read = reading.read_answer(question, ask(question, faults))
        if not read.faults:
            return read.value
        faults = read.faults
    if question.default is None:
        raise _missing(question, ())
    return question.default


def _answer(interview: Interview, question: SetupQuestion, answers: Answers) -> JsonValue:
    text, faults = interview.given.get(question.name), tuple[str, ...]()
    if text is not None and question.kind is AnswerKind.SECRET and question.name not in interview.read:
        raise _secret_typed(question)
    if text is not None:
        value, faults = _read(interview, question, answers, text=text)
        if not faults:
            return value
    if interview.ask is not None and (question.is_asked or faults):
        return _asked(interview, question, answers, faults=faults)
    if faults:
        raise _invalid(question, faults)
    value, faults = _read(interview, question, answers, text="")
    if faults:
        raise _missing(question, faults)
    return value


def _asked(interview: Interview, question: SetupQuestion, answers: Answers, *, faults: tuple[str, ...]) -> JsonValue:
    """Ask until the answer is right."""
    assert interview.ask is not None
    while True:
        text = interview.ask(question, faults)
        value, faults = _read(interview, question, answers, text=text)
        if not faults:
            return value


def _read(
    interview: Interview, question: SetupQuestion, answers: Answers, *, text: str
) -> tuple[JsonValue, tuple[str, ...]]:
    read = reading.read_answer(question, text)
    if read.faults or read.value is None:
        return read.value, read.faults
    after = interview.questionnaire.question(question.name, {**answers, question.name: read.value})
    rules = after.rules if after else question.rules
    faults = tuple(reading.faults_of(replace(question, rules=rules), read.value))
    return read.value, faults or tuple(interview.check(question, read.value))


def _secret_typed(question: SetupQuestion) -> InputError:
    return InputError(
        "answer-in-arguments",
        f"The answer to '{question.name}' is a secret, and is among the command's arguments.",
        why="Other users of this machine can read the arguments of a command.",
        fix=f"Write it into a file that only you can read, and add --set {question.name}=@FILE.",
    )


def _invalid(question: SetupQuestion, faults: Sequence[str], *, option: str = "") -> InputError:
    words = "; ".join(writing.constraint_words(question))
    return InputError(
        "answer-invalid",
        f"The answer to '{question.name}' is not valid: {' '.join(faults)}",
        why=f"It is {words}." if words else question.help or question.note,
        fix=f"Correct {option or f'--set {question.name}=VALUE'}.",
    )


def _missing(question: SetupQuestion, faults: Sequence[str]) -> InputError:
    words = "; ".join(writing.constraint_words(question))
    value = "@FILE" if question.kind is AnswerKind.SECRET else "VALUE"
    is_faulty = question.default is not None
    return InputError(
        "answer-missing",
        f"'{question.name}' ({question.label}) needs an answer{': ' + ' '.join(faults) if is_faulty else '.'}",
        why=" ".join(text for text in (question.note, f"It is {words}." if words else "") if text)
        or "There is no terminal to ask on, and no default.",
        fix=f"Add --set {question.name}={value}, or run the command on a terminal.",
    )


def _needless(key: str) -> tuple[InputError, ...]:
    return (
        InputError(
            "answer-needless",
            f"The answer to '{key}' is not used.",
            why="The form shows this question only after other answers.",
            fix=f"Remove --set {key}, or change the answers before it.",
        ),
    )


def _unknown_names(interview: Interview) -> Sequence[InputError]:
    known = interview.questionnaire.keys
    return [_unknown_name(name, known) for name in interview.given if name not in known]


def _unknown_name(name: str, known: Sequence[str]) -> InputError:
    near = nearest.nearest_word(name, known)
    return InputError(
        "answer-unknown",
        f"There is no question '{name}'.",
        why=f"The questions are {', '.join(known)}.",
        fix=f"Write --set {near}=VALUE." if near else f"Remove --set {name}.",
    )
