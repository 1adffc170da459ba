"""What a user may write for AWS: the plugin's settings, and cloud_properties by the names of BOSH's AWS CPI.

Takes mappings, gives frozen models. Raises CloudError: cloud-config-invalid, unknown-cloud-property,
wrong-cloud-property. Source: cloudfoundry docs-bosh aws-cpi.md.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import Field, SecretStr, field_validator, model_validator

from cpi.contract.values import JsonValue
from cpi.kit import properties, public_access
from cpi.kit import tags as owner_tags
from cpi.kit.written_values import Names, Number, spelled

_REGION = re.compile(r"[a-z]{2,8}(-[a-z]+)+-\d{1,2}")
"""Also those of other partitions: us-gov-west-1, cn-north-1, eusc-de-east-1, us-iso-east-1."""
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
_SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")
SessionName = Annotated[str, spelled(_SESSION_NAME.fullmatch, "2 to 64 letters, digits and characters of `_+=,.@-`")]


class MetadataOptions(properties.PropertiesModel):
    """The instance metadata service; without settings it answers only with tokens (version 2)."""

    http_tokens: Literal["required", "optional"] = "required"
    http_put_response_hop_limit: Number = Field(default=1, ge=1, le=64)
    http_endpoint: Literal["enabled", "disabled"] = "enabled"
    http_protocol_ipv6: Literal["", "enabled", "disabled"] = ""
    instance_metadata_tags: Literal["", "enabled", "disabled"] = ""


class AwsConfig(properties.PropertiesModel):
    """The cloud's own settings."""

    region: str
    """AWS's name of it ("eu-central-1")."""
    zones: tuple[str, ...] = ()
    """Availability zones for z1, z2, z3 in this order; empty means the region's a, b and c."""

    access_key_id: str = ""
    secret_access_key: SecretStr = SecretStr("")
    session_token: SecretStr = SecretStr("")
    """All empty: the SDK's own chain (environment, shared files, the machine's role)."""
    profile: str = ""
    """A profile of ~/.aws."""
    role_arn: str = ""
    """A role to take on with the credentials above."""
    external_id: str = Field(default="", min_length=2, max_length=1224)
    """The external id that the trust policy of a role of another account requires."""
    role_session_name: SessionName = "compleat"
    """How the role's sessions are called in AWS's logs."""
    role_duration_s: Number | None = Field(default=None, ge=900, le=43200)
    """How long a session of the role is valid; None is AWS's hour."""
    credentials_source: Literal["static", "env_or_profile"] | None = None
    """As BOSH's CPI has it; "static" makes the keys above necessary."""

    endpoint_url: str = ""
    """Where AWS is reached, when not at its own addresses."""
    ec2_endpoint: str = ""
    elb_endpoint: str = ""
    """The same for these services alone, as BOSH's CPI has them."""
    dualstack: bool = False
    """Whether AWS's addresses are those that IPv6 reaches, too."""
    ca: str = ""
    """A file of certificates to trust instead of the usual ones."""

    default_key_name: str = ""
    default_security_groups: Names = ()
    default_iam_instance_profile: str = ""
    encrypted: bool = True
    """Whether disks are encrypted by default; True, as encryption has no drawback."""
    kms_key_arn: str = ""
    metadata_options: MetadataOptions = MetadataOptions()
    max_retries: Number = 0
    enable_describe_instance_types: bool = True
    """These two are accepted as BOSH's CPI has them, with a remark: the director alone decides on retries, and AWS's
    description of a type is looked at whenever it matters."""

    default_os: Literal["debian", "ubuntu"] = "debian"
    default_version: str = "12"
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """The stemcell that `up` makes: Debian 12, whose image is free and small."""
    stemcell_image: properties.OwnImage | None = None
    """A raw disk image that is sent to AWS and takes the place of that stemcell."""
    stemcell_images: Mapping[str, str] = Field(default_factory=dict)
    """By OS as BOSH names it ("ubuntu-jammy"), an image that AWS has and that is used instead of the publisher's: an
    image's id (ami-...), or an SSM parameter that names one (/...)."""

    public_ports: public_access.PublicPorts = public_access.PUBLIC_PORTS
    """TCP ports open to the world on what has a public address: the jumpbox's, the web's and the console's."""
    public_sources: public_access.PublicSources = public_access.PUBLIC_SOURCES
    """From where those ports are reached."""
    private_networks: tuple[str, ...] = ()
    """Networks whose VMs reach the internet through a NAT gateway, which costs by the hour; none may have a public
    address then. Without it, only what has a public address reaches the internet."""
    public_key: str = ""
    """An OpenSSH line to import as the environment's key pair; VMs get their login without one."""
    dns_names: Mapping[str, str] = Field(default_factory=dict)
    """By public name ("jumpbox"), the whole DNS name that its address gets in the hosted zone."""
    hosted_zone_id: str = ""
    """The zone of Route 53 that those names are in."""
    bucket: bool = True
    """Whether the landing zone has a bucket; an empty one costs nothing."""

    @field_validator("region")
    @classmethod
    def _is_region(cls, region: str) -> str:
        if not _REGION.fullmatch(region):
            raise ValueError("A region has the form eu-central-1")
        return region

    @field_validator("ec2_endpoint", "elb_endpoint")
    @classmethod
    def _has_scheme(cls, url: str) -> str:
        """BOSH's users write the host alone."""
        return url if not url or "://" in url else f"https://{url}"

    @field_validator("endpoint_url", "ec2_endpoint", "elb_endpoint")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if url and not _URL.fullmatch(url):
            raise ValueError("An endpoint has the form https://host")
        return url

    @field_validator("dns_names")
    @classmethod
    def _are_names(cls, dns_names: Mapping[str, str]) -> Mapping[str, str]:
        for name in dns_names.values():
            if not _NAME.fullmatch(name):
                raise ValueError(f"'{name[:80]}' is not a DNS name; one has the form jumpbox.example.org")
        return dns_names

    @model_validator(mode="after")
    def _has_zone(self) -> "AwsConfig":
        if self.dns_names and not self.hosted_zone_id:
            raise ValueError("dns_names requires hosted_zone_id, the zone of Route 53 that contains the names")
        return self

    @model_validator(mode="after")
    def _has_whole_keys(self) -> "AwsConfig":
        has_id, has_secret = bool(self.access_key_id), bool(self.secret_access_key.get_secret_value())
        if has_id != has_secret:
            raise ValueError("access_key_id and secret_access_key must be set together")
        if self.credentials_source == "static" and not has_id:
            raise ValueError("credentials_source static requires access_key_id and secret_access_key")
        if self.credentials_source == "env_or_profile" and has_id:
            raise ValueError("credentials_source env_or_profile excludes access_key_id and secret_access_key")
        if self.session_token.get_secret_value() and not has_id:
            raise ValueError("session_token requires access_key_id and secret_access_key")
        beside = [
            name for name in ("external_id", "role_session_name", "role_duration_s") if name in self.model_fields_set
        ]
        if beside and not self.role_arn:
            raise ValueError(f"{' and '.join(beside)} require role_arn")
        if self.profile and has_id:
            raise ValueError("profile and access_key_id exclude each other")
        return self

    def stemcell(self) -> properties.UsualStemcell:
        """What `up` makes."""
        return properties.usual_stemcell(self.stemcell_image, os=self.default_os, version=self.default_version)

    def zone_names(self) -> tuple[str, ...]:
        """z1, z2, ... in AWS's words."""
        return self.zones or tuple(f"{self.region}{letter}" for letter in "abc")


class VolumeProperties(properties.PropertiesModel):
    """root_disk: size in MiB as everywhere in BOSH; None is what the image has."""

    size: Number | None = Field(default=None, gt=0)
    type: str = "gp3"
    iops: Number | None = None
    throughput: Number | None = None


class EphemeralProperties(VolumeProperties):
    encrypted: bool | None = None
    kms_key_arn: str | None = None
    use_instance_storage: bool = False
    use_root_disk: bool = False


class Route(properties.PropertiesModel):
    table_id: str
    destination: str


class VmProperties(properties.PropertiesModel):
    instance_type: str = ""
    availability_zone: str = ""
    security_groups: Names = ()
    key_name: str = ""
    iam_instance_profile: str = ""
    placement_group: str = ""
    tenancy: Literal["", "default", "dedicated", "host"] = ""
    auto_assign_public_ip: bool = False
    source_dest_check: bool = True
    raw_instance_storage: bool = False
    """BOSH's CPI supports it; this plugin refuses it with an error of its own."""
    metadata_options: MetadataOptions | None = None
    tags: owner_tags.WrittenTags = Field(default_factory=dict)
    spot_bid_price: float | None = None
    spot_ondemand_fallback: bool = False
    root_disk: VolumeProperties = VolumeProperties()
    ephemeral_disk: EphemeralProperties | None = None
    """None: no disk of its own; the root disk serves."""
    lb_target_groups: Names = ()
    """Target groups of load balancers, by name, that it is registered in."""
    elbs: Names = ()
    """Classic load balancers, by name, that it is registered in."""
    advertised_routes: tuple[Route, ...] = ()
    """Routes of route tables that exist, which lead to its first interface while it lives."""


class DiskProperties(properties.PropertiesModel):
    type: str = "gp3"
    iops: Number | None = None
    throughput: Number | None = None
    encrypted: bool | None = None
    kms_key_arn: str | None = None
    tags: owner_tags.WrittenTags = Field(default_factory=dict)
    availability_zone: str = ""
    """Where a disk goes that is made for no VM."""


class NetworkProperties(properties.PropertiesModel):
    subnet: str = ""
    """A subnet's id; "" means the landing zone's that holds the address."""
    security_groups: Names = ()
    network: str = ""
    """The landing zone's network; "" means the one called like the BOSH network."""


class VipProperties(properties.PropertiesModel):
    """Of a vip network: the public address is on the VM's first interface."""

    security_groups: Names = ()


class StemcellProperties(properties.PropertiesModel):
    ami: Mapping[str, str] = Field(default_factory=dict)
    """Region to image, as BOSH's light stemcells say it."""
    image_id: str = ""
    ssm_parameter: str = ""
    architecture: str = ""
    root_device_name: str = ""
    name: str = ""
    version: str = ""
    infrastructure: str = ""
    disk: Number | None = None
    disk_format: str = ""
    container_format: str = ""
    os_type: Literal["", "linux"] = ""
    os_distro: str = ""
    virtualization_type: Literal["", "hvm"] = ""
    hypervisor: str = ""
    boot_mode: str = ""
    tags: owner_tags.WrittenTags = Field(default_factory=dict)
    encrypted: bool = False
    """BOSH's CPI copies the image encrypted; here the disks that VMs start from are, by the settings of that name."""
    kms_key_arn: str = ""
    kernel_id: str = ""
    """BOSH's CPI supports it (paravirtual machines); this plugin refuses it with an error of its own."""


_M = TypeVar("_M", bound=properties.PropertiesModel)


def read_properties(model: type[_M], written: Mapping[str, JsonValue], *, where: str) -> _M:
    """Check `written` for a `where` ("VM 'web-0'")."""
    return properties.read_properties(model, written, where=where, cloud="AWS")


def read_config(written: Mapping[str, JsonValue]) -> AwsConfig:
    """The plugin's own settings."""
    return properties.read_settings(AwsConfig, written, cloud="AWS")
