"""The agents on VMs, and what else goes through their connections: logins tried, shells, files.

Takes a Home, gives these ports. Everything that comes back from an agent has the environment's secrets taken out.
"""

from collections.abc import Callable, Mapping
from typing import cast

from cpi.contract.values import Endpoint, JsonValue
from director.app.landing import landing_zones
from director.app.wiring.blobs import open_blobs
from director.app.wiring.clouds import connect_clouds
from director.app.wiring.homes import Home
from director.app.wiring.redacting import RedactingAgent
from director.app.wiring.vaults import open_known_vault
from director.edge.agents import guest_bundle
from director.edge.agents.agent_ssh import SshAgent
from director.edge.agents.ssh_connections import EndpointFinder
from director.edge.agents.ssh_remote_access import SshRemoteAccess
from director.edge.login_checks.login_checks import UserLoginChecks
from director.model.secret_ref import SecretRef
from director.ports.agent import Agent
from director.ports.login_checks import LoginChecks
from director.ports.remote_access import RemoteAccess
from director.ports.vault import Vault


def open_agent(home: Home) -> Agent:
    """Agents whose words are safe to print."""
    return RedactingAgent(home.part(_open_ssh), home.part(open_known_vault).redact)


def open_login_checks(home: Home) -> LoginChecks:
    """Logins tried over the agents' connections."""
    return UserLoginChecks(home.part(_open_ssh).guests)


def open_remote_access(home: Home) -> RemoteAccess:
    """Shells and files over the agents' connections."""
    return SshRemoteAccess(home.part(_open_ssh).guests, home.part(open_known_vault).redact)


def _open_ssh(home: Home) -> SshAgent:
    bundle = guest_bundle.build_guest(guest_bundle.guest_folder())
    agent = SshAgent(
        _key_reader(home.part(open_known_vault)),
        bundle=bundle,
        blobs=home.part(open_blobs),
        find_endpoint=_endpoint_finder(home),
    )
    home.closing.callback(agent.close)
    return agent


def _endpoint_finder(home: Home) -> EndpointFinder:
    def find_endpoint(cloud: str, address: str, port: int) -> Endpoint:
        return landing_zones.endpoint_of(home.part(connect_clouds)[cloud], address, port)

    return find_endpoint


def _key_reader(vault: Vault) -> Callable[[SecretRef], str]:
    def private_key(reference: SecretRef) -> str:
        value = vault.get_secret(reference.name)
        for field in reference.path:
            value = cast(Mapping[str, JsonValue], value)[field]
        return str(value)

    return private_key
