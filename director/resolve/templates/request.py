"""What a template becomes, and what is known of its environment.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import Enum

from cpi.contract.json_value import JsonValue
from cpi.contract.landing_parts import JoinedParts
from cpi.contract.value_classes import dataclass
from director.model.documents import Remark
from director.model.secret_ref import Property
from director.model.template_parts import TemplateParts
from director.model.template_resources import RecordedResource, SecureValue, TemplateResource
from director.resolve.templates import property_table
from director.resolve.templates.images import KnownImages
from director.resolve.templates.interfaces import VmInterface
from director.resolve.templates.pieces import PartPlaces


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationRequest:
    """`name` is that of the deployment which the template's VMs become.

    `azs` and `dns` are of the environment's cloud config; `landing_ranges` are the environment's own networks.
    `has_arm_sizes` says that the cloud has VM sizes by the names of templates. `public_names` are the addresses that
    the environment's file and other templates reserve, `others` the resources of other templates. `az_properties` are
    the cloud properties of each AZ.
    """

    name: str
    resources: Sequence[TemplateResource]
    azs: Sequence[str] = ()
    dns: Sequence[str] = ()
    landing_ranges: Mapping[str, str] = field(default_factory=dict)
    public_names: Sequence[str] = ()
    others: Sequence[RecordedResource] = ()
    az_properties: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    known_images: KnownImages = field(default_factory=KnownImages)
    is_deployed: bool = False
    """Whether that deployment exists: it is updated also where the template has no VM any more."""
    has_arm_sizes: bool = False

    def taken(self, type_: str) -> tuple[str, ...]:
        """The names that resources of a type have in other templates."""
        return tuple(one.name for one in self.others if property_table.type_of(one.type) == type_)


class StepKind(Enum):
    """What a step deploys."""

    OWN = "the template's VMs"
    BUNDLE = "a bundle"
    DEPLOYMENT = "a deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStep:
    """`source` is a bundle's name or folder, a manifest's path, or the manifest itself.

    `variables` are plain and `secrets` go to the vault; both by the names that manifests have for them.
    """

    kind: StepKind
    resource: TemplateResource | None = None
    source: Property = None
    ops: tuple[str, ...] = ()
    variables: Mapping[str, Property] = field(default_factory=dict)
    secrets: Mapping[str, SecureValue] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VmGroup:
    """A VM of the template and the instance group that it became."""

    resource: TemplateResource
    interfaces: tuple[VmInterface, ...]
    joined: JoinedParts


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """`manifest` is the deployment of the template's VMs, None without any; `cloud_config` defines its networks,
    VM types and disk types. `public_names` are public addresses to reserve. `steps` are in their order.
    """

    manifest: Mapping[str, Property] | None
    cloud_config: Mapping[str, Property]
    public_names: tuple[str, ...]
    steps: tuple[TemplateStep, ...]
    groups: tuple[VmGroup, ...] = ()
    remarks: tuple[Remark, ...] = ()
    parts: TemplateParts = field(default_factory=TemplateParts)
    part_places: PartPlaces = field(default_factory=dict)
