"""Which logs of a VM are meant.

Takes nothing, gives values.
"""

from cpi.contract.value_classes import dataclass

KINDS = ("job", "agent", "system")
"""Of the jobs below /var/vcap/sys/log, of compleat's guest, and of the operating system below /var/log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSelection:
    """Files of that kind whose path below its folder matches one of the globs; without globs all of them."""

    kind: str = "job"
    globs: tuple[str, ...] = ()
