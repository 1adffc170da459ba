"""Targets for agents over SSH, as tests that bring up a server of their own write them."""

from director.model.agents.agent_address import SSH_PORT, AgentLogin, AgentTarget, SshAddress
from director.model.secret_ref import SecretRef


def over_ssh(
    host: str = "127.0.0.1", port: int = SSH_PORT, *, host_key: str | None = None, name: str = "web/0"
) -> AgentTarget:
    """The agent there, for user root with the secret "ssh" as key."""
    address = SshAddress(host=host, port=port, host_key=host_key)
    return AgentTarget(name=name, address=address, login=AgentLogin(user="root", key=SecretRef(name="ssh")))
