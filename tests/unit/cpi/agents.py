"""A VM for a BOSH director: what its create_vm sends, and what the agent there must read of it.

Takes a request, gives the same with an agent. Source of the expected settings: the CPI contract (agent settings without
a registry: agent_id, vm, mbus, networks, disks, env, ntp, blobstore).
"""

from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.values import AgentConfig, JsonValue, VmRequest

MBUS = "nats://10.0.0.6:4222"
BLOBSTORE: JsonValue = {"provider": "dav", "options": {"endpoint": "http://10.0.0.6:25250"}}
PROPERTIES: dict[str, JsonValue] = {"mbus": MBUS, "ntp": ["0.pool"], "blobstore": BLOBSTORE}
ENV: dict[str, JsonValue] = {"bosh": {"mbus": {"cert": {"ca": "c"}}, "group": "d-app-web"}}
CARD: dict[str, JsonValue] = {
    "type": "manual",
    "ip": "10.0.0.10",
    "prefix": "32",
    "netmask": "255.255.192.0",
    "gateway": "10.0.0.1",
    "dns": ["10.0.0.2"],
    "default": ["dns", "gateway"],
    "cloud_properties": {"subnet": "s"},
}
PUBLIC: dict[str, JsonValue] = {"type": "vip", "ip": "203.0.113.5", "cloud_properties": {}}
NETWORKS: dict[str, JsonValue] = {"default": CARD, "public": PUBLIC}


def with_agent(request: VmRequest) -> VmRequest:
    """The request as a director's, whose stemcell has an agent."""
    return replace(request, agent_id="agent-1", env=ENV, agent=AgentConfig(networks=NETWORKS, properties=PROPERTIES))


def settings(disks: Mapping[str, JsonValue], *, use_dhcp: bool = True, mac: str = "") -> dict[str, JsonValue]:
    """All that the contract says, for the VM 'web-0'; `mac` is its card's, "" where the CPI does not know it."""
    known: dict[str, JsonValue] = {"mac": mac} if mac else {}
    return {
        "agent_id": "agent-1",
        "vm": {"name": "web-0"},
        "networks": {"default": {**CARD, "use_dhcp": use_dhcp, **known}, "public": PUBLIC},
        "disks": {**disks, "persistent": {}},
        "env": ENV,
        **PROPERTIES,
    }
