"""A job's bpm.yml as it was read: what the launcher on the VM is given, and what is wrong with it.

Takes nothing, gives frozen values.
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue

CONFIG = "config/bpm.yml"
"""Where a job has its file, and where bpm reads it."""
READ_CONFIG = ".bosh/bpm.json"
"""Where the VM's launcher finds what was read of it: a VM has no YAML reader of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BpmConfig:
    """`content` is what the launcher reads; empty when there are problems. Ignored keys are paths."""

    content: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()
    ignored_keys: tuple[str, ...] = ()


BpmReader = Callable[[str, bytes], BpmConfig]
"""Reads the file of the job of that name."""


def read_nothing(job: str, content: bytes) -> BpmConfig:
    """The reader of callers that do not use bpm."""
    return BpmConfig(problems=("bpm.yml is not read here",))
