"""What looking at an instance's rendered jobs shows: what must be mended, and what is worth knowing.

Takes nothing, gives frozen values.
"""

from dataclasses import dataclass

from director.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRemark:
    """`kind` is kebab-case, as an error's code."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFindings:
    problems: tuple[InputError, ...] = ()
    remarks: tuple[JobRemark, ...] = ()
