"""What a template asks of a person, by its parameters or by the form beside it.

Takes answers so far, gives the next question and in the end the template's parameters.
"""

from collections.abc import Mapping
from typing import Protocol

from cpi.contract.json_value import JsonValue
from director.model.documents import Remark
from director.model.questions import SetupQuestion


class Questionnaire(Protocol):
    """Keys are the names of `--set`, in the order in which a person is asked."""

    keys: tuple[str, ...]
    remarks: tuple[Remark, ...]

    def question(self, key: str, answers: Mapping[str, JsonValue]) -> SetupQuestion | None:
        """The question as earlier answers make it, None where they make it needless. Raises InputError."""

    def parameters(self, answers: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """The values of the template's parameters; those that are left out have the template's default."""
