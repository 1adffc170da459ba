"""Questions that a person answers before something is built, and the values that may answer them.

Takes nothing, gives frozen values. Prompts, `--set`, JSON Schemas and the portal's forms all come from them.
"""

from dataclasses import field
from enum import Enum

from cpi.contract.json_value import JsonValue
from cpi.contract.setup import AnswerChoice as AnswerChoice
from cpi.contract.setup import Suggestions as Suggestions
from cpi.contract.value_classes import dataclass


class AnswerKind(Enum):
    """What an answer is; SECRET is text that is never shown, MAP and LIST are given as JSON."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105  a kind of answer, not a password
    NUMBER = "whole number"
    FLAG = "yes or no"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRule:
    """A constraint: `words` describe what is allowed. `pattern` must be found in the answer's text.

    A rule without a pattern is one that the form itself evaluated: it `is_broken`, or it is not.
    """

    words: str
    pattern: str = ""
    is_broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupQuestion:
    """`label` is short, `help` is whole sentences. `default` is None where there is no default.

    `choices` are all that is allowed, unless `is_open`: then they are suggestions. `is_several` takes a list of them.
    `least` and `most` limit a number, `shortest` and `longest` the length of a text or list. `source` names what
    suggests choices and the default, "" for none. A question that is not `is_asked` has its default on a terminal.
    `note` is what a person must know before answering.
    """

    name: str
    kind: AnswerKind
    label: str
    help: str = ""
    default: JsonValue = field(default=None, repr=False)
    choices: tuple[AnswerChoice, ...] = ()
    is_open: bool = False
    is_several: bool = False
    is_required: bool = True
    is_asked: bool = True
    rules: tuple[AnswerRule, ...] = ()
    least: int | None = None
    most: int | None = None
    shortest: int | None = None
    longest: int | None = None
    source: str = ""
    note: str = ""
