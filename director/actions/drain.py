"""Let the instance's jobs finish their work.

Takes nothing, gives a frozen value with its facts.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain(InstanceWork[Result]):
    """Let the instance's jobs finish their work.

    `type` is "update" or "shutdown"; `next_packages` and `next_hash` are what comes after an update.
    """

    type: str
    next_packages: Mapping[str, str] = field(default_factory=dict)
    next_hash: str = ""
    kind: Literal["drain"] = "drain"
    facts: ClassVar = WorkFacts(verb="drain", noun="instance", doing="draining jobs", needs_consent=True)
