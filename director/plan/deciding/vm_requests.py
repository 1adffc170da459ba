"""What a VM is asked to be: the request a cloud gets, and how to see whether a VM is still that.

Takes placed instances and the environment's stemcells, gives VmRequests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import cast

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings, StemcellCid, VmRequest
from director.actions.create_vm import CreateVm
from director.errors import InputError
from director.model import cloud_names
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import Compilation, Desired, StemcellOffer
from director.model.environments.observed import CLOUD_TAG, INSTANCE_TAG
from director.model.environments.state import InstanceRecord
from director.model.ids import InstanceId
from director.model.secret_ref import Property
from director.plan import stemcell_creation
from director.plan.action_factory import ActionFactory, slug
from director.plan.placing.placed_instances import PlacedInstance
from director.plan.request import PlanRequest

_HOST_NAME_LIMIT = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedVm:
    """A VM as wanted, before anyone asks for it. `name` is its host name.

    `env_secrets` are the versions of the secrets in `env`. `made_stemcell` is the stemcell that the plan itself makes
    for it; `stemcell_cid` is "" then.
    """

    name: str
    cloud: str
    stemcell_cid: StemcellCid
    networks: tuple[NetworkSettings, ...]
    cloud_properties: Mapping[str, JsonValue]
    env: Mapping[str, Property]
    tags: Mapping[str, str]
    env_secrets: Mapping[str, int] = field(default_factory=dict)
    made_stemcell: StemcellOffer | None = None


def machine_of(desired: Desired, placed_instance: PlacedInstance, request: PlanRequest) -> WantedVm:
    """The VM that a placed instance needs. Raises InputError: stemcell-missing."""
    az = next((az for az in desired.azs if az.name == placed_instance.record.az), None)
    record = placed_instance.record
    present = record.vm.stemcell_cid if record.vm else None
    cloud = az.cloud if az else ONLY_CLOUD
    cid = _stemcell_cid(desired, placed_instance.group.stemcell, request, cloud=cloud, present=present)
    plain = WantedVm(
        name=vm_name(record),
        cloud=cloud,
        stemcell_cid=cid or StemcellCid(""),
        made_stemcell=placed_instance.group.stemcell if cid is None else None,
        networks=placed_instance.networks,
        cloud_properties={
            **(az.cloud_properties if az else {}),
            **placed_instance.group.cloud_properties,
            **placed_instance.group.sized_properties.get(cloud, {}),
        },
        env=placed_instance.group.env,
        tags=_tags(desired, placed_instance),
    )
    return replace(plain, tags={**plain.tags, CLOUD_TAG: plain.cloud})


def compiler_machine(
    desired: Desired, name: str, networks: tuple[NetworkSettings, ...], *, stemcell: StemcellOffer, request: PlanRequest
) -> WantedVm:
    """The VM on which packages are compiled. Raises InputError: stemcell-missing."""
    compilation: Compilation = desired.compilation
    az = next((az for az in desired.azs if az.name == compilation.az), None)
    cloud = compilation_cloud(desired)
    cid = _stemcell_cid(desired, stemcell, request, cloud=cloud)
    return WantedVm(
        name=_host_name(f"{desired.deployment}-{name}"),
        cloud=cloud,
        stemcell_cid=cid or StemcellCid(""),
        made_stemcell=stemcell if cid is None else None,
        networks=networks,
        cloud_properties={
            **(az.cloud_properties if az else {}),
            **compilation.cloud_properties,
            **compilation.sized_properties.get(cloud, {}),
        },
        env=compilation.env,
        tags={**desired.tags, "deployment": desired.deployment, "name": name, CLOUD_TAG: cloud},
    )


def vm_name(record: InstanceRecord) -> str:
    """What the VM of an instance is called in its cloud, which takes host names."""
    return _host_name(f"{record.group}-{record.index}-{record.id[:8]}")


def compilation_cloud(desired: Desired) -> str:
    """The cloud of the AZ that packages are compiled in."""
    return next((az.cloud for az in desired.azs if az.name == desired.compilation.az), ONLY_CLOUD)


def vm_request(machine: WantedVm, factory: ActionFactory, subject: str, *, request: PlanRequest) -> VmRequest:
    """The request of the action that creates it."""
    return VmRequest(
        name=machine.name,
        owner=factory.owner_of(factory.id_of("create_vm", subject)),
        agent_id=machine.tags.get(INSTANCE_TAG, machine.name),
        stemcell_cid=machine.stemcell_cid,
        networks=machine.networks,
        ssh=request.ssh,
        cloud_properties=machine.cloud_properties,
        env={} if machine.env_secrets else cast(Mapping[str, JsonValue], machine.env),
        tags=machine.tags,
    )


def create_vm(
    machine: WantedVm, request: VmRequest, factory: ActionFactory, *, instance: InstanceId | None, compiler: str | None
) -> CreateVm:
    """The work that creates it; it names the action that makes its stemcell, where the plan has one."""
    made = machine.made_stemcell
    return CreateVm(
        cloud=machine.cloud,
        request=request,
        instance=instance,
        compiler=compiler,
        stemcell=stemcell_creation.creation_of(made, machine.cloud, factory) if made else None,
        env=machine.env if machine.env_secrets else {},
        env_secrets=machine.env_secrets,
    )


def _stemcell_cid(
    desired: Desired, offer: StemcellOffer, request: PlanRequest, *, cloud: str, present: StemcellCid | None = None
) -> StemcellCid | None:
    """The cloud's name for a stemcell, of several the one the VM has; None where the plan makes it."""
    if offer.cid:
        return StemcellCid(offer.cid)
    wanted = (offer.name, offer.os, offer.version, offer.architecture)
    there = [one for one in request.stemcells if one.cloud == cloud]
    fitting = [one.cid for one in there if (one.name, one.os, one.version, one.architecture) == wanted]
    if present in fitting:
        return StemcellCid(str(present))
    if fitting:
        return fitting[0]
    if any(one.cloud == cloud and one.offer() == offer for one in desired.stock):
        return None
    known = ", ".join(f"{one.os}/{one.version} ({one.architecture})" for one in there) or "none"
    raise InputError(
        "stemcell-missing",
        f"{_place(cloud)} has no stemcell {offer.os}/{offer.version} for {offer.architecture}.",
        why=f"It has: {known}.",
        fix="Upload that stemcell, or name one the environment has.",
    )


def _place(cloud: str) -> str:
    return f"Cloud '{cloud}' of the environment" if cloud_names.shown_name(cloud) else "The environment"


def network_facts(net: NetworkSettings) -> JsonValue:
    """What of a network's settings makes another VM of it when it changes; a dynamic address does not."""
    fixed = net.kind is not NetworkKind.DYNAMIC
    return {
        "name": net.name,
        "kind": net.kind.value,
        "ip": (net.ip or "") if fixed else "",
        "prefix": net.prefix if fixed else 0,
        "gateway": net.gateway if fixed else "",
        "dns": list(net.dns),
        "defaults": list(net.defaults),
        "cloud_properties": net.cloud_properties,
        **({"nic_group": net.nic_group} if net.nic_group else {}),
        **({"block_bits": net.block_bits} if net.block_bits else {}),
    }


def shared_facts(networks: Sequence[NetworkSettings]) -> list[JsonValue]:
    """The facts of all networks of a VM, in order of their names."""
    return [network_facts(net) for net in sorted(networks, key=lambda net: net.name)]


def _tags(desired: Desired, placed_instance: PlacedInstance) -> dict[str, str]:
    record = placed_instance.record
    return {
        **desired.tags,
        **placed_instance.group.tags,
        "director": "compleat",
        "deployment": desired.deployment,
        "id": record.id,
        "job": record.group,
        "instance_group": record.group,
        "index": str(record.index),
        "name": f"{record.group}/{record.id}",
        INSTANCE_TAG: record.id,
    }


def _host_name(text: str) -> str:
    lowered = slug(text.lower().replace("_", "-").replace(".", "-"))
    return lowered[-_HOST_NAME_LIMIT:].strip("-")
