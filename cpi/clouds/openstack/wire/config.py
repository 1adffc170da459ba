"""What a user may write for OpenStack: the plugin's settings, and cloud_properties by the names of BOSH's CPI.

Takes mappings, gives frozen models. Raises CloudError: cloud-config-invalid, unknown-cloud-property,
wrong-cloud-property. Source: cloudfoundry docs-bosh openstack-cpi.md; bosh-openstack-cpi-release's job spec.
"""

import re
from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, field_validator, model_validator

from cpi.contract.values import JsonValue
from cpi.kit import properties, public_access
from cpi.kit.written_values import DnsName, Names, Number

CLOUDS_VARIABLE = "OS_CLIENT_CONFIG_FILE"
"""An environment variable that names the clouds.yaml, as OpenStack's own client reads it."""

_URL = re.compile(r"https?://[^\s/]+(/\S*)?")


_PROJECT = ("project", "project_id", "tenant")
_DOMAINS = ("user_domain_name", "user_domain_id", "project_domain_name", "project_domain_id")
_USER = ("username", "api_key", *_PROJECT, "domain", *_DOMAINS)
_LOGIN = ("auth_url", "application_credential_id", "application_credential_secret", *_USER)


class PriceTable(properties.PropertiesModel):
    """What things cost for an hour, as decimal numbers; OpenStack itself has no list."""

    currency: str
    as_of: str
    """The table's ISO date."""
    flavors: Mapping[str, str] = Field(default_factory=dict)
    volume_gib: str = ""
    floating_ip: str = ""


class ConnectionOptions(properties.PropertiesModel):
    """How the services are reached, by the names of BOSH's CPI."""

    ca_cert: str = ""
    """The PEM text of the authority to trust instead of the usual ones, or the name of a file that holds it."""
    ssl_verify_peer: bool = True
    connect_timeout: Number = Field(default=5, gt=0)
    read_timeout: Number = Field(default=60, gt=0)


class OpenStackConfig(properties.PropertiesModel):
    """The cloud's own settings: one of `cloud`, an application credential, or a user with a password.

    Without any of them the login is that of the variables OS_CLOUD or OS_AUTH_URL, OS_USERNAME and the like.
    """

    cloud: str = ""
    """A cloud of clouds.yaml, a whole login; region, endpoint_type and connection_options go before what is there."""
    clouds_file: str = ""
    """Where clouds.yaml is; "" means the usual places (./, ~/.config/openstack, /etc/openstack)."""

    auth_url: str = ""
    application_credential_id: str = ""
    application_credential_secret: SecretStr = SecretStr("")
    username: str = ""
    api_key: SecretStr = SecretStr("")
    """The password, as BOSH's CPI names it."""
    project: str = ""
    project_id: str = ""
    tenant: str = ""
    """The older word for project."""
    domain: str = ""
    user_domain_name: str = ""
    project_domain_name: str = ""
    """Domains by name; those of the user and of the project default to `domain`, then to Default."""
    user_domain_id: str = ""
    project_domain_id: str = ""
    """The same by id."""

    region: str = ""
    endpoint_type: Literal["", "public", "internal", "admin", "publicURL", "internalURL", "adminURL"] = ""
    connection_options: ConnectionOptions = ConnectionOptions()
    compute_api_version: str = "2.60"
    """Nova's microversion; the least that this plugin needs, in every cloud since 2018."""

    image: str = ""
    """The image of the stemcell that `up` makes, by name or id; "" means the newest of default_os."""
    default_os: str = "debian"
    default_version: str = "12"
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    stemcell_image: properties.OwnImage | None = None
    """A raw or qcow2 disk image that is sent to Glance and takes the place of that stemcell."""
    stemcell_images: Mapping[str, str] = Field(default_factory=dict)
    """By OS as BOSH names it ("ubuntu-jammy"), an image that OpenStack has, by name or id; without it the newest image
    of that OS is used, by its properties os_distro and os_version, or by its name."""
    stemcell_public_visibility: bool = False

    external_network: str = ""
    """The network that floating addresses come from, by name or id; "" means the only one there is."""
    dns: Names = ()
    """Name servers that the landing zone's subnets tell their VMs."""
    dns_names: Mapping[str, DnsName] = Field(default_factory=dict)
    """By public name ("jumpbox"), the whole DNS name of its floating address, where Neutron has DNS integration."""
    public_ports: public_access.PublicPorts = public_access.PUBLIC_PORTS
    """TCP ports open to the world on what has a floating address: the jumpbox's, the web's and the console's."""
    public_sources: public_access.PublicSources = public_access.PUBLIC_SOURCES
    public_key: str = ""
    """An OpenSSH line to import as the environment's key pair; VMs get their login without one."""
    container: bool = False
    """Whether the landing zone has a Swift container, from which VMs fetch packages; without it they go by SSH."""

    default_key_name: str = ""
    default_security_groups: Names = ()
    default_volume_type: str = ""
    boot_from_volume: bool = False
    config_drive: Literal["", "disk", "cdrom"] = ""
    """Whether VMs read their first boot's script from a drive instead of the metadata service."""
    ignore_server_availability_zone: bool = False
    """Whether a disk is made in any zone instead of its VM's."""
    use_dhcp: bool = True
    """How bosh-agents set their cards up: by DHCP, or from their settings. All others have DHCP."""
    human_readable_vm_names: bool = True
    state_timeout: Number = 300
    wait_resource_poll_interval: Number = 5
    """These three are accepted as BOSH's CPI has them, with a remark: names are always readable, and the director alone
    waits."""
    use_nova_networking: bool = False
    enable_auto_anti_affinity: bool = False
    """These two are accepted as BOSH's CPI has them, with a remark: both are of former versions of OpenStack."""
    prices: PriceTable | None = None

    @field_validator("auth_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if url and not _URL.fullmatch(url):
            raise ValueError("Keystone's address has the form https://host:5000/v3")
        return url

    @model_validator(mode="after")
    def _has_one_login(self) -> "OpenStackConfig":
        """Nothing may be written that would not be used."""
        if self.clouds_file and not self.cloud:
            raise ValueError("clouds_file requires cloud, the name of an entry there")
        for chosen, others in (("cloud", _LOGIN), ("application_credential_id", _USER)):
            beside = [name for name in others if getattr(self, chosen) and name in self.model_fields_set]
            if beside:
                raise ValueError(f"{chosen} is a complete login and excludes {', '.join(beside)}")
        for name in ("user_domain", "project_domain"):
            if getattr(self, f"{name}_name") and getattr(self, f"{name}_id"):
                raise ValueError(f"{name}_name and {name}_id mean the same; set one of them")
        projects = [name for name in _PROJECT if getattr(self, name)]
        if len(projects) > 1:
            raise ValueError(f"{' and '.join(projects)} mean the same; set one of them")
        return self

    def is_from_environment(self) -> bool:
        """Whether the login is that of the process's environment variables."""
        return not any(getattr(self, name) for name in ("cloud", "auth_url", "application_credential_id", "username"))

    @model_validator(mode="after")
    def _has_credentials(self) -> "OpenStackConfig":
        if self.is_from_environment() and not any(name in self.model_fields_set for name in _LOGIN):
            return self
        if self.cloud:
            return self
        if not self.auth_url:
            raise ValueError("auth_url is missing, or `cloud` with an entry of clouds.yaml")
        if self.application_credential_id:
            if not self.application_credential_secret.get_secret_value():
                raise ValueError("application_credential_id requires application_credential_secret")
            return self
        if not (self.username and self.api_key.get_secret_value()):
            raise ValueError("username and api_key must be set together, or an application credential instead")
        if not (self.project or self.project_id or self.tenant):
            raise ValueError("project (or project_id, or tenant) is missing")
        return self

    def stemcell(self) -> properties.UsualStemcell:
        """What `up` makes."""
        return properties.usual_stemcell(self.stemcell_image, os=self.default_os, version=self.default_version)

    def interface(self) -> str:
        """Which of a service's addresses is used; "" is as clouds.yaml says, else the public one."""
        return self.endpoint_type.removesuffix("URL")


class RootDiskProperties(properties.PropertiesModel):
    """`size` in GB, as BOSH's OpenStack CPI has it; None means the flavour's disk. `type` is the volume's."""

    size: Number | None = Field(default=None, gt=0)
    type: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> "RootDiskProperties":
        if self.size is None and not self.type:
            raise ValueError("root_disk requires a size (in GB), a type, or both")
        return self


class LoadBalancerPool(properties.PropertiesModel):
    name: str
    port: Number


class VmProperties(properties.PropertiesModel):
    instance_type: str = ""
    """The flavour, by name or id."""
    availability_zone: str = ""
    availability_zones: tuple[str, ...] = ()
    """Where there are several, the first is taken, with a remark."""
    key_name: str = ""
    security_groups: Names = ()
    scheduler_hints: Mapping[str, object] = Field(default_factory=dict)
    root_disk: RootDiskProperties | None = None
    boot_from_volume: bool | None = None
    config_drive: bool | None = None
    allowed_address_pairs: Names = ()
    loadbalancer_pools: tuple[LoadBalancerPool, ...] = ()
    """Pools of Octavia, by name, that its first address is a member of."""


class DiskProperties(properties.PropertiesModel):
    type: str = ""
    availability_zone: str = ""


class NetworkProperties(properties.PropertiesModel):
    net_id: str = ""
    """A network's id; "" means the landing zone's."""
    subnet_id: str = ""
    network: str = ""
    """The landing zone's network; "" means the one called like the BOSH network."""
    security_groups: Names = ()


class VipProperties(properties.PropertiesModel):
    """Of a vip network: the floating address leads to the VM's first port."""

    security_groups: Names = ()


class StemcellProperties(properties.PropertiesModel):
    image_id: str = ""
    """An image the cloud has, by id or name (a light stemcell)."""
    architecture: str = ""
    disk_format: Literal["", "raw", "qcow2"] = ""
    container_format: str = ""
    name: str = ""
    version: str = ""
    infrastructure: str = ""
    hypervisor: str = ""
    disk: Number | None = None
    os_type: Literal["", "linux"] = ""
    os_distro: str = ""
    os_version: str = ""
    """With os_distro and without image_id: the newest image of that OS is meant, not the settings' `image`."""
    auto_disk_config: bool | None = None
    root_device_name: str = ""


_M = TypeVar("_M", bound=properties.PropertiesModel)


def read_properties(model: type[_M], written: Mapping[str, JsonValue], *, where: str) -> _M:
    """Check `written` for a `where` ("VM 'web-0'")."""
    return properties.read_properties(model, written, where=where, cloud="OpenStack")


def read_config(written: Mapping[str, JsonValue]) -> OpenStackConfig:
    """The plugin's own settings."""
    return properties.read_settings(OpenStackConfig, written, cloud="OpenStack")
