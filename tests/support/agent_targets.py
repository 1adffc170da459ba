"""Targets for agents over SSH, as tests that bring up a server of their own write them."""

from cpi.contract.values import Endpoint
from director.model.agents.agent_address import SSH_PORT, AgentLogin, AgentTarget, SshAddress
from director.model.secret_ref import SecretRef


def over_ssh(
    host: str = "127.0.0.1", port: int = SSH_PORT, *, host_key: str | None = None, name: str = "web/0"
) -> AgentTarget:
    """The agent there, for user root with the secret "ssh" as key."""
    address = SshAddress(host=host, port=port, host_key=host_key)
    return AgentTarget(name=name, address=address, login=AgentLogin(user="root", key=SecretRef(name="ssh")))


def no_cloud(cloud: str, address: str, port: int) -> Endpoint:
    """Where a VM in the network of a cloud is reached, for tests whose targets are in none."""
    raise AssertionError(f"{address}:{port} is said to be in a network of {cloud}")
