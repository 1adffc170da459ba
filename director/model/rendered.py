"""What rendering makes: the files of an instance's jobs.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    content: bytes = field(repr=False)
    is_executable: bool = False


RenderedJobs = Mapping[str, Mapping[str, RenderedFile]]
"""Job name to path below the job's directory ("monit", "bin/run", ".bosh/links.json") to file."""
