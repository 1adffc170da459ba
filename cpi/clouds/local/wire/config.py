"""What a user may write for the local cloud: its own settings, and cloud_properties of VMs, disks and networks.

Takes mappings, gives frozen models. Raises CloudError, code unknown-cloud-property or cloud-config-invalid.
"""

from collections.abc import Mapping
from typing import TypeVar

from cpi.clouds.local.inside.system.modes import Mode
from cpi.contract.values import JsonValue
from cpi.kit import properties


class LocalConfig(properties.PropertiesModel):
    """The cloud's own settings."""

    state_root: str = ""
    """Where clouds are kept; "" is /var/lib/compleat for root and ~/.compleat-clouds for a user."""

    mode: Mode | None = None
    """How namespaces are built; None probes and takes the best that works here."""


class VmProperties(properties.PropertiesModel):
    """What is about its size is recorded and limits nothing: preflight says so."""

    cpu: int | float | None = None
    ram: int | None = None
    ephemeral_disk: int | Mapping[str, int | str] | None = None
    load_balancers: tuple[str, ...] = ()
    """Load balancers of the cloud that it is behind, by name; a template makes them."""

    load_balancer_nat_rules: tuple[str, ...] = ()
    """Inbound NAT rules that lead to it, as BALANCER/RULE; a template makes them."""

    ip_forwarding: bool = False
    """Whether it takes traffic that is for others, and sends from their addresses: for appliances of routes."""

    instance_type: str | None = None
    """Accepted so that one cloud config serves several clouds; means nothing here."""


class DiskProperties(properties.PropertiesModel):
    type: str | None = None
    """Accepted so that one cloud config serves several clouds; every disk here is a directory."""


class NetworkProperties(properties.PropertiesModel):
    network: str | None = None
    """The landing zone's network; None means the one called like the BOSH network."""


_M = TypeVar("_M", bound=properties.PropertiesModel)


def read_properties(model: type[_M], written: Mapping[str, JsonValue], *, where: str) -> _M:
    """Check `written` for a `where` ("VM 'web-0'"). Raises CloudError, code unknown-cloud-property."""
    return properties.read_properties(model, written, where=where, cloud="The local cloud")


def read_config(written: Mapping[str, JsonValue]) -> LocalConfig:
    """The plugin's own settings. Raises CloudError, code cloud-config-invalid."""
    return properties.read_settings(LocalConfig, written, cloud="the local cloud")
