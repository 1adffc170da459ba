"""The result of examining an instance's rendered jobs: errors to fix, and remarks.

Takes nothing, gives frozen values.
"""

from cpi.contract.value_classes import dataclass
from director.errors import InputError

BPM_LIMITS = "bpm-limits"
"""The kind of a remark that counts only where VMs have no control groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRemark:
    """`kind` is kebab-case, as an error's code."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFindings:
    problems: tuple[InputError, ...] = ()
    remarks: tuple[JobRemark, ...] = ()
