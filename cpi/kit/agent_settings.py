"""What a bosh-agent reads at its first boot, without a registry. Pure.

Takes a VM's request and where its disks are, gives the settings. Source: cloudfoundry/bosh-agent settings/settings.go;
the user data of the CPIs for AWS (aws/agent_settings.rb @00fe93f), Azure (azure/utils/bosh_agent_util.rb @1cd3e3a) and
OpenStack (openstack/server.rb @19744bf).
"""

import json
from collections.abc import Mapping
from dataclasses import field

from cpi.contract.errors import NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, NetworkKind, VmRequest
from cpi.kit import user_data


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCards:
    """How the agent configures its cards: by DHCP, or from its settings; `macs` are the known ones, by network."""

    use_dhcp: bool = True
    macs: Mapping[str, str] = field(default_factory=dict)


_BY_DHCP = NetworkCards()


def write_user_data(request: VmRequest, settings: Mapping[str, JsonValue]) -> str:
    """A VM's user data: the settings as JSON if an agent is to read them, else the script that makes the login."""
    if request.agent is None:
        return user_data.boot_script(request.ssh, host_name=request.name)
    return json.dumps(settings)


def write_settings(
    request: VmRequest, disks: Mapping[str, JsonValue], cards: NetworkCards = _BY_DHCP
) -> dict[str, JsonValue]:
    """All settings of the agent; {} without one. `disks` are `system` and perhaps `ephemeral`, as agents find them.

    Persistent disks are none: a director announces each with the hint of its attachment. Properties of the CPI's own
    file stand at the top, and what a director put into env.bosh wins over them on the VM.
    """
    if request.agent is None:
        return {}
    return {
        "vm": {"name": request.name},
        "agent_id": request.agent_id,
        "networks": {name: _network(each, cards, name) for name, each in request.agent.networks.items()},
        "disks": {**disks, "persistent": {}},
        "env": dict(request.env),
        **request.agent.properties,
    }


def require_one_card(request: VmRequest, *, fix: str) -> None:
    """Raises NotSupportedError, code `agent-cards-unknown`: without MACs an agent cannot tell cards apart."""
    cards = [each.name for each in request.networks if each.kind is not NetworkKind.VIP]
    if request.agent is not None and len(cards) > 1:
        raise NotSupportedError(
            "agent-cards-unknown",
            f"The agent of VM '{request.name}' could not identify its network cards: {', '.join(cards)}.",
            why="Its settings could not map cards to networks.",
            fix=fix,
        )


def write_server(request: VmRequest) -> dict[str, JsonValue]:
    """The metadata that agents on Azure and OpenStack look for beside their settings: name and name servers."""
    return {"server": {"name": request.name}, **write_dns(request)}


def write_dns(request: VmRequest) -> dict[str, JsonValue]:
    """The name servers of the first network that has some; {} where none has."""
    servers = next((network.dns for network in request.networks if network.dns), ())
    return {"dns": {"nameserver": list(servers)}} if servers else {}


def _network(written: JsonValue, cards: NetworkCards, name: str) -> JsonValue:
    """As the director sent it. A public address is no card of the VM's."""
    if not isinstance(written, Mapping) or written.get("type") == NetworkKind.VIP.value:
        return written
    mac = cards.macs.get(name)
    return {**written, "use_dhcp": cards.use_dhcp, **({"mac": mac} if mac else {})}
