"""An agent's target as SSH needs it: where the one place is that looks at the kind of an address.

Takes targets, gives SSH's own, flat.
"""

from typing import Optional, assert_never

from cpi.contract.value_classes import dataclass
from director.model.agents.agent_address import AgentTarget, SshAddress
from director.model.secret_ref import SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SshTarget:
    """How to reach one VM by SSH. `key` names the private key; `host_key` None is pinned at first contact.

    `cloud` is the cloud in whose network `host` is, where no jumpbox leads there; "" otherwise.
    """

    name: str
    host: str
    port: int
    user: str
    key: SecretRef
    host_key: str | None = None
    jump: Optional["SshTarget"] = None
    cloud: str = ""


def ssh_target(target: AgentTarget) -> SshTarget:
    """The target as SSH sees it."""
    match target.address:
        case SshAddress(host=host, port=port, host_key=host_key):
            return SshTarget(
                name=target.name,
                host=host,
                port=port,
                user=target.login.user,
                key=target.login.key,
                host_key=host_key,
                jump=ssh_target(target.jump) if target.jump else None,
                cloud=target.cloud,
            )
        case _:
            assert_never(target.address)
