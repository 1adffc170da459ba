"""VMs by what they need (`vm_resources`): the cloud properties that each cloud gives them.

Takes a request with the clouds' answers, gives cloud properties by cloud. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/vm_resources.rb, vm_resources_cache.rb.
"""

from collections.abc import Mapping, Sequence

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model.cloud_names import ONLY_CLOUD, shown_name
from director.model.environments.vm_sizes import SizeRefusal, SizeThere, VmSize
from director.model.written.cloud_config import VmResources
from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest

Sized = Mapping[str, Mapping[str, JsonValue]]


def size_of(written: VmResources) -> VmSize:
    """The size as the clouds have it."""
    return VmSize(cpu=written.cpu, ram_mib=written.ram, ephemeral_disk_mib=written.ephemeral_disk_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeUser:
    """The group or the compilation whose VMs are of a size, and where it says so."""

    whose: str
    where: str
    azs: Sequence[str]


def resolve_size(request: ResolveRequest, written: VmResources | None, user: SizeUser, *, found: Findings) -> Sized:
    """The cloud properties by the name of each cloud that the AZs are on. Reports: vm-size-missing."""
    if written is None:
        return {}
    size = size_of(written)
    clouds = {az.name: az.cpi or ONLY_CLOUD for az in request.cloud_config.document.azs}
    wanted = dict.fromkeys(clouds.get(az, ONLY_CLOUD) for az in user.azs or ("",))
    answers = {one.cloud: one for one in request.sizes if one.size == size}
    for cloud in wanted:
        answer = answers.get(cloud)
        if isinstance(answer, SizeRefusal):
            _report(answer, user, found)
    there = [answers[cloud] for cloud in wanted if cloud in answers]
    return {one.cloud: one.cloud_properties for one in there if isinstance(one, SizeThere)}


def _report(answer: SizeRefusal, user: SizeUser, found: Findings) -> None:
    named = shown_name(answer.cloud)
    place = f"cloud '{named}'" if named else "the cloud"
    found.report(
        "vm-size-missing",
        f"{user.whose} requests {answer.size.cpu} CPUs, {answer.size.ram_mib} MB of memory and "
        f"{answer.size.ephemeral_disk_mib} MB of disk, for which {place} has no VM size.",
        why=f"{answer.error.what} {answer.error.why}".strip(),
        fix=answer.error.fix or "Request less, or use `vm_type`.",
        where=user.where,
    )
