"""A fault of the memory cloud that stays the same: one method, one error."""

from dataclasses import dataclass

from cpi.errors import CloudError
from cpi.memory.faults import Call


@dataclass(slots=True)
class Refusing:
    """Every call of `method` ends in `error` before it has an effect; with `since`, from the first call of that on."""

    method: str
    error: CloudError
    since: str = ""

    def before(self, call: Call) -> None:
        if call.method == self.since:
            self.since = ""
        if call.method == self.method and not self.since:
            raise self.error

    def after(self, call: Call) -> None:
        return None
