"""A fault of the memory cloud that stays the same: one method, one error."""

from dataclasses import dataclass

from cpi.clouds.memory.faults import CloudCall
from cpi.contract.errors import CloudError


@dataclass(slots=True)
class Refusing:
    """Every call of `method` ends in `error` before it has an effect; with `since`, from the first call of that on."""

    method: str
    error: CloudError
    since: str = ""

    def before(self, call: CloudCall) -> None:
        if call.method == self.since:
            self.since = ""
        if call.method == self.method and not self.since:
            raise self.error

    def after(self, call: CloudCall) -> None:
        return None
