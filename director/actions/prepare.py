"""Unpack packages on the VM without enabling them.

Takes nothing, gives a frozen value with its facts.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(InstanceWork[Result]):
    """Unpack packages on the VM without enabling them."""

    packages: Mapping[str, str]
    kind: Literal["prepare"] = "prepare"
    facts: ClassVar = WorkFacts(verb="prepare", noun="packages", doing="unpacking packages", is_dirtying=False)
