"""Write a file on the VM; secrets in `content` are put in on the way.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.secret_ref import SecretText
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PutFile(InstanceWork[Result]):
    """Write a file on the VM; secrets in `content` are put in on the way."""

    path: str
    content: SecretText
    mode: int = 0o600
    owner: str = "root"
    kind: Literal["put_file"] = "put_file"
    facts: ClassVar = WorkFacts(verb="write", noun="file", doing="writing file", is_dirtying=False)
