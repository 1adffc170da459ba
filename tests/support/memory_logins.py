"""Logins at VMs of a memory cloud: their keys, and scripts that know which values a job accepts.

Takes agents and a vault, gives LoginChecks and RemoteAccess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cpi.clouds.memory.cloud import MemoryCloud
from director.model.agents.agent_address import AgentTarget
from director.ports.login_checks import LoginCheck
from director.ports.remote_access import ScriptEnd
from director.ports.vault import Vault
from tests.support.memory_agents import MemoryAgents


@dataclass(slots=True)
class MemoryLoginChecks:
    """Implements LoginChecks. `also` are keys that VMs accept whatever their files say."""

    agents: MemoryAgents
    cloud: MemoryCloud
    vault: Vault
    also: tuple[str, ...] = ()

    def is_key_accepted(self, target: AgentTarget) -> bool:
        value = self.vault.get_secret(target.login.key.name)
        assert isinstance(value, Mapping)
        return str(value["public_key"]).strip() in (*self.accepted(target), *self.also)

    def accepted(self, target: AgentTarget) -> list[str]:
        """The keys of the login's file; at first that of the VM's request."""
        cid = self.agents.cid_of(target)
        assert cid is not None, "it is there"
        first = f"{self.cloud.resources.vm(cid).request.ssh.public_key}\n".encode()
        written = self.agents.machine_at(cid).files.get(f"~{target.login.user}/.ssh/authorized_keys", first)
        return written.decode().splitlines()

    def run_command(self, target: AgentTarget, command: str) -> str:
        return ""

    def try_login(self, login_check: LoginCheck) -> str:
        return ""


@dataclass(slots=True)
class MemoryRemoteAccess:
    """Implements RemoteAccess: scripts alone, which end as `exit_codes` say by the VM's name, otherwise with 0."""

    exit_codes: dict[str, int] = field(default_factory=dict)
    scripts: list[tuple[str, str]] = field(default_factory=list)

    def open_shell(self, target: AgentTarget) -> int:
        raise NotImplementedError

    def run_command(self, target: AgentTarget, command: str) -> int:
        raise NotImplementedError

    def run_script(self, target: AgentTarget, script: str) -> ScriptEnd:
        self.scripts.append((target.name, script))
        return ScriptEnd(exit_code=self.exit_codes.get(target.name, 0), output="last words\n")

    def send_file(self, target: AgentTarget, *, local: str, remote: str, is_recursive: bool = False) -> None:
        raise NotImplementedError

    def fetch_file(self, target: AgentTarget, *, remote: str, local: str, is_recursive: bool = False) -> None:
        raise NotImplementedError
