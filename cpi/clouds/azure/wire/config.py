"""What a user may write for Azure: the plugin's settings, and cloud_properties of VMs, disks, networks and stemcells.

Takes mappings, gives frozen models. Names are those of the BOSH Azure CPI where it has one.
Raises CloudError: cloud-config-invalid, unknown-cloud-property, wrong-cloud-property.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from azure.core import AzureClouds
from azure.mgmt.core.tools import get_arm_endpoints
from pydantic import BeforeValidator, Field, model_validator

from cpi.clouds.azure.wire import credential_kinds
from cpi.clouds.azure.wire.bosh_settings import BoshSettings
from cpi.contract.values import JsonValue
from cpi.kit import properties, public_access
from cpi.kit.tags import WrittenTags
from cpi.kit.written_values import Names, spelled

_LABEL = re.compile(r"[a-z][a-z0-9-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[a-z0-9]{1,12}")
Label = Annotated[
    str,
    spelled(
        _LABEL.fullmatch, "3 to 63 lower-case letters, digits and hyphens, with a letter first and no hyphen at the end"
    ),
]
Prefix = Annotated[str, spelled(_PREFIX.fullmatch, "1 to 12 lower-case letters and digits")]


def _as_text(written: object) -> object:
    return str(written) if isinstance(written, int) and not isinstance(written, bool) else written


Zone = Annotated[str, BeforeValidator(_as_text)]
"""A zone's number; unquoted, as BOSH takes it, too."""


class AzureEndpoints(properties.PropertiesModel):
    """Where Azure is. The defaults are the public cloud's; China, US Government and Stack differ in nothing else."""

    resource_manager: str = ""
    """"" is the one that azure-mgmt-core has for `environment`."""

    authority: str = "https://login.microsoftonline.com"
    scope: str = ""
    """What a token is for; "" is the resource manager's `/.default`."""

    graph: str = "https://graph.microsoft.com"
    graph_scope: str = ""
    prices: str = ""
    """The URL of today's prices, without a login; "" makes no call. The public cloud's preset has one."""
    ca_file: str = ""
    """Certificates to trust instead of the system's; "" is the system's. A path that is not there is refused."""

    metadata: str = "http://169.254.169.254"
    """Where VMs fetch tokens of their managed identities; the jumpbox that holds the clock of the end does."""

    discovers_instance: bool = True
    """Whether the sign-in library asks Microsoft's public login about the authority; false for private clouds."""


PRESETS: Mapping[str, Mapping[str, str]] = {
    "AzureCloud": {"prices": "https://prices.azure.com"},
    "AzureChinaCloud": {
        "authority": "https://login.chinacloudapi.cn",
        "graph": "https://microsoftgraph.chinacloudapi.cn",
    },
    "AzureUSGovernment": {
        "authority": "https://login.microsoftonline.us",
        "graph": "https://graph.microsoft.us",
    },
}

_CLOUDS: Mapping[str, AzureClouds] = {
    "AzureCloud": AzureClouds.AZURE_PUBLIC_CLOUD,
    "AzureChinaCloud": AzureClouds.AZURE_CHINA_CLOUD,
    "AzureUSGovernment": AzureClouds.AZURE_US_GOVERNMENT,
}


class ManagedIdentityOfVm(properties.PropertiesModel):
    """An identity that programs on a VM have towards Azure."""

    type: Literal["SystemAssigned", "UserAssigned"]
    user_assigned_identity_name: str = ""
    """An identity in the environment's resource group."""

    @model_validator(mode="after")
    def _has_name(self) -> "ManagedIdentityOfVm":
        if (self.type == "UserAssigned") is not bool(self.user_assigned_identity_name):
            raise ValueError("user_assigned_identity_name belongs to type UserAssigned, and only to it")
        return self


class AzureConfig(BoshSettings):
    """The plugin's own settings."""

    subscription_id: str
    tenant_id: str = ""
    """Needed with a client secret or a device code; the others know theirs."""

    location: str = ""
    """"" is where the resource group of the settings is, as in BOSH's CPI."""

    credentials: credential_kinds.Credentials
    environment: Literal["AzureCloud", "AzureChinaCloud", "AzureUSGovernment"] = "AzureCloud"
    """Which preset of endpoints; single ones are changed by `endpoints`."""

    endpoints: AzureEndpoints = AzureEndpoints()
    resource_group_name: str = ""
    """A group that exists and is kept; "" makes one of the environment's own, called compleat-ENVIRONMENT."""

    storage_account_prefix: Prefix = "compleat"
    """How the storage account's name begins; the rest makes it unique in the world."""

    has_storage_account: bool = True
    zones: tuple[str, ...] = ("1", "2", "3")
    """Zones of the region that public addresses span; empty where the region has none."""

    public_ports: public_access.PublicPorts = public_access.PUBLIC_PORTS
    """TCP ports open on what has a public address: the jumpbox's, the web's and the console's."""

    public_sources: public_access.PublicSources = public_access.PUBLIC_SOURCES
    """From where those ports are reached."""

    dns_names: Mapping[str, Label] = {}
    """By public name ("jumpbox"), the label under LOCATION.cloudapp.azure.com that its address gets when it is made."""

    has_nat_gateway: bool = False
    """A NAT gateway (it costs by the hour) gives VMs without a public address one way out that has a fixed address."""

    default_vm_size: str = "Standard_B2s"
    default_image: str = "Debian:debian-12:12-gen2:latest"
    """The stemcell of the environment, as publisher:offer:sku:version."""

    stemcell_image: properties.OwnImage | None = None
    """A VHD of fixed size that is sent to Azure and takes the place of default_image."""

    stemcell_images: Mapping[str, str] = Field(default_factory=dict)
    """By OS as BOSH names it ("ubuntu-jammy"), an image that Azure has and that is used instead of the publisher's:
    publisher:offer:sku:version, or the whole id of an image."""

    stemcell_generation: Literal["gen1", "gen2"] = "gen1"
    """For which firmware an image that is sent is made, where its own properties do not say: BIOS, or UEFI."""

    default_managed_identity: ManagedIdentityOfVm | None = None
    """The identity of VMs whose cloud properties name none."""

    pip_idle_timeout_in_minutes: int = Field(default=4, ge=4, le=30)
    """Of public addresses that VMs have by assign_dynamic_public_ip."""

    operation_timeout_s: float = Field(default=900.0, gt=0)
    """How long one long-running operation is waited for; Azure's slowest usual one takes a few minutes."""

    default_security_group: str = ""
    """The security group of interfaces for which neither the VM nor the network names one."""

    @model_validator(mode="before")
    @classmethod
    def _reads_flat_credentials(cls, written: Any) -> Any:
        return credential_kinds.from_flat(written) if isinstance(written, Mapping) else written

    @model_validator(mode="after")
    def _has_location(self) -> "AzureConfig":
        if not (self.location or self.resource_group_name):
            raise ValueError("location is missing, or resource_group_name, whose location is used then")
        return self

    def where(self) -> AzureEndpoints:
        """The endpoints that hold: what is written wins over the preset."""
        written = self.endpoints.model_dump(exclude_unset=True)
        if "resource_manager" in written:
            written = {"prices": "", "scope": "", **written}  # another cloud than the preset's, with its own
        known = get_arm_endpoints(_CLOUDS[self.environment])
        preset = {
            "resource_manager": known["resource_manager"].rstrip("/"),
            "scope": known["credential_scopes"][0],
            **PRESETS[self.environment],
        }
        return AzureEndpoints.model_validate({**preset, **written})


class RootDisk(properties.PropertiesModel):
    size: int | None = Field(default=None, gt=0)
    type: str | None = None
    placement: Literal["remote", "resource-disk", "cache-disk"] = "remote"
    disk_encryption_set_name: str | None = None


class EphemeralDisk(properties.PropertiesModel):
    """A part of the root disk, which grows by its `size` in MiB; what asks for a disk of its own is refused."""

    use_root_disk: bool = True
    size: int | None = Field(default=None, gt=0)
    type: str | None = None
    caching: str | None = None
    iops: int | None = None
    mbps: int | None = None
    disk_encryption_set_name: str | None = None


class AvailabilitySet(properties.PropertiesModel):
    name: str
    platform_update_domain_count: int = 5
    platform_fault_domain_count: int = 2


class SecurityGroup(properties.PropertiesModel):
    name: str
    resource_group_name: str = ""


_Pools = str | Mapping[str, str] | tuple[str | Mapping[str, str], ...]


class VmProperties(properties.PropertiesModel):
    """The storage_account_* but the type are of unmanaged disks, and have no effect; preflight says so."""

    instance_type: str | None = None
    instance_types: tuple[str, ...] = ()
    availability_zone: Zone | None = None
    availability_set: str | AvailabilitySet | None = None
    platform_update_domain_count: int | None = None
    platform_fault_domain_count: int | None = None
    """BOSH's older place for the two counts of an availability set that is given by its name."""
    root_disk: RootDisk | None = None
    ephemeral_disk: EphemeralDisk | None = None
    caching: Literal["None", "ReadOnly", "ReadWrite"] = "ReadWrite"
    security_group: str | SecurityGroup | None = None
    application_security_groups: Names = ()
    assign_dynamic_public_ip: bool | None = None
    ip_forwarding: bool | None = None
    accelerated_networking: bool | None = None
    load_balancer: _Pools | None = None
    load_balancer_nat_rules: Names = ()
    """Of load balancers in the environment's group: BALANCER/RULE."""
    application_gateway: _Pools | None = None
    storage_account_name: str | None = None
    storage_account_type: str | None = None
    storage_account_kind: str | None = None
    storage_account_max_disk_number: int | None = None
    resource_group_name: str | None = None
    managed_identity: ManagedIdentityOfVm | None = None
    capacity_reservation_group: str | None = None
    capacity_reservation_group_id: str | None = None
    tags: WrittenTags = Field(default_factory=dict)


class DiskProperties(properties.PropertiesModel):
    caching: Literal["None", "ReadOnly", "ReadWrite"] = "None"
    storage_account_type: str = "StandardSSD_LRS"
    """The cheapest that is fit for a database; Premium_LRS needs a size that takes it."""

    iops: int | None = None
    mbps: int | None = None
    disk_encryption_set_name: str | None = None
    availability_zone: Zone | None = None
    """Where a disk is made that is for no VM; one that is for a VM is made in the VM's zone."""

    type: str | None = None
    """So that one cloud config serves several clouds; it means nothing here, and preflight says so."""


class NetworkProperties(properties.PropertiesModel):
    virtual_network_name: str | None = None
    subnet_name: str | None = None
    network: str | None = None
    """The landing zone's network; without any of these, the one called like the BOSH network."""

    resource_group_name: str | None = None
    security_group: str | SecurityGroup | None = None
    application_security_groups: Names = ()
    ip_forwarding: bool = False
    accelerated_networking: bool = False


class VipProperties(properties.PropertiesModel):
    """Of a vip network: where the public address is."""

    resource_group_name: str | None = None


class MarketplaceImage(properties.PropertiesModel):
    publisher: str
    offer: str
    sku: str
    version: str = "latest"


class StemcellProperties(properties.PropertiesModel):
    image: MarketplaceImage | None = None
    image_id: str | None = None
    """A managed image or gallery version that exists, by its whole id."""

    infrastructure: str | None = None
    hypervisor: str | None = None
    name: str | None = None
    version: str | None = None
    disk: int | None = None
    disk_format: str | None = None
    container_format: str | None = None
    os_type: Literal["linux"] | None = None
    os_distro: str | None = None
    architecture: Literal["x86_64", "arm64"] | None = None
    root_device_name: str | None = None
    generation: Literal["gen1", "gen2"] | None = None
    auto_disk_config: bool | None = None


_M = TypeVar("_M", bound=properties.PropertiesModel)


def read_properties(model: type[_M], written: Mapping[str, JsonValue], *, where: str) -> _M:
    """Check `written` for a `where` ("VM 'web-0'")."""
    return properties.read_properties(model, written, where=where, cloud="Azure")


def read_config(written: Mapping[str, JsonValue]) -> AzureConfig:
    """The plugin's own settings; no value is repeated in what it raises."""
    return properties.read_settings(AzureConfig, written, cloud="Azure")
