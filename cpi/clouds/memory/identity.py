"""Which memory cloud this is: its rules say the region.

Takes rules, gives a CloudIdentity.
"""

from cpi.clouds.memory.rules import Rules
from cpi.contract.values import CloudIdentity

_ACCOUNT = "memory"


class MemoryIdentity:
    """Implements Identity."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def identify(self) -> CloudIdentity:
        region = self._rules.region
        return CloudIdentity(
            facts={"account": _ACCOUNT, "region": region}, title=f"account {_ACCOUNT}, region {region}"
        )

    def describe_login(self) -> str:
        return ""
