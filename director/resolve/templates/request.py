"""What a template becomes, and what is known of its environment.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import Enum

from cpi.contract.landing_parts import JoinedParts, SecurityGroupSpec
from cpi.contract.value_classes import dataclass
from director.model.documents import Remark
from director.model.secret_ref import Property
from director.model.template_resources import SecureValue, TemplateResource
from director.resolve.templates.interfaces import VmInterface
from director.resolve.templates.security_rules import PartPlaces


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationRequest:
    """`name` is that of the deployment which the template's VMs become.

    `azs` and `dns` are of the environment's cloud config; `landing_ranges` are the environment's own networks.
    `has_arm_sizes` says that the cloud has VM sizes by the names of templates. `public_names` are the addresses that
    the environment's file and other templates reserve, `group_names` the security groups of other templates.
    """

    name: str
    resources: Sequence[TemplateResource]
    azs: Sequence[str] = ()
    dns: Sequence[str] = ()
    landing_ranges: Mapping[str, str] = field(default_factory=dict)
    public_names: Sequence[str] = ()
    group_names: Sequence[str] = ()
    is_deployed: bool = False
    """Whether that deployment exists: it is updated also where the template has no VM any more."""
    has_arm_sizes: bool = False


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
    security_groups: tuple[SecurityGroupSpec, ...] = ()
    part_places: PartPlaces = field(default_factory=dict)
