"""Where the agent of a VM is reached: its address, as the VM's record keeps it, and how this environment gets there.

Takes nothing, gives frozen values. Only edge/ looks at the kind of an address; every other room hands it on.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Optional

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Endpoint, NetworkKind, NetworkSettings
from director.model.former import OptionalText
from director.model.secret_ref import SecretRef

SSH_PORT = 22
"""Where a VM's SSH server listens; where this machine reaches it, an Endpoint says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshAddress:
    """An agent that speaks over SSH. `host_key` is one OpenSSH line; None is pinned at first contact."""

    host: str
    port: int = SSH_PORT
    host_key: OptionalText = None
    kind: Literal["ssh"] = "ssh"

    def at(self, endpoint: Endpoint) -> "SshAddress":
        """The same agent, where this machine reaches its VM."""
        return replace(self, host=endpoint.host, port=endpoint.port)

    def pinned(self, identity: str) -> "SshAddress":
        """The same agent, known from now on by what it showed of itself (its host key)."""
        return replace(self, host_key=identity)


AgentAddress = SshAddress
"""A closed union: a further transport adds its address here, and its case where edge/ matches on the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLogin:
    """The login that every VM of an environment has; `key` names the private key."""

    user: str
    key: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTarget:
    """One VM's agent as its callers name it: its address, and the login and the jumpbox that lead there.

    `cloud` is the cloud in whose network the address is, where no jumpbox leads there; "" otherwise.
    """

    name: str
    address: AgentAddress
    login: AgentLogin
    jump: Optional["AgentTarget"] = None
    cloud: str = ""


def first_address(networks: Sequence[NetworkSettings], host_key: str | None) -> AgentAddress | None:
    """The agent of a new VM: over SSH at its first private address, IPv4 before IPv6, else its public one.

    None: it has none. `host_key` is None where the cloud does not know it.
    """
    own = [one for one in networks if one.kind is not NetworkKind.VIP and not one.block_bits]
    private = sorted((one.ip for one in own if one.ip), key=lambda ip: ":" in ip)
    public = [network.ip for network in networks if network.ip and network.kind is NetworkKind.VIP]
    return next((SshAddress(host=ip, host_key=host_key) for ip in (*private, *public)), None)


def host_key_of(address: AgentAddress | None) -> str | None:
    """The SSH host key of the VM, None where it is not known."""
    return address.host_key if isinstance(address, SshAddress) else None
