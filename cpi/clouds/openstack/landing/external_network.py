"""Where floating addresses come from, and whether Neutron gives them DNS names.

Takes an api and what the settings say, gives Neutron's external network.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import NotFoundError, NotSupportedError


def find_external(api: Api, config: OpenStackConfig) -> Mapping[str, Any]:
    """Raises external-network-missing, external-network-unclear."""
    query = {"router:external": "True"}
    answer = list(api.list_all("network", "/networks", "networks", **query))
    return layout.choose_external(answer, config.external_network)


def require_dns(api: Api) -> None:
    """Raises NotSupportedError, code dns-names-not-supported, where Neutron makes no DNS names."""
    try:
        api.read("network", "/extensions/dns-integration")
    except NotFoundError as error:
        raise NotSupportedError(
            "dns-names-not-supported",
            "This OpenStack does not create DNS names for floating addresses.",
            why=f"Neutron has no extension dns-integration. {error.why}".strip(),
            fix="Remove dns_names from the environment's file, or ask the operator for Designate with Neutron.",
        ) from error
