"""What the clouds of an environment offer for `vm_resources`: the cloud properties of VMs with so much.

Takes a Session and documents, gives an answer for each size and each cloud on which such VMs are placed.
"""

from collections.abc import Iterator, Mapping

from cpi.contract.errors import CloudError
from director.app.sessions.session import Session
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.vm_sizes import SizeRefusal, SizeThere, VmSize
from director.model.written.cloud_config import CloudConfig
from director.model.written.manifest import Manifest
from director.resolve.instance_groups import vm_sizes


def ask_clouds(session: Session, manifest: Manifest, config: CloudConfig) -> tuple[SizeThere | SizeRefusal, ...]:
    """The cloud's own choice for each size that a group or the compilation wants, or its refusal."""
    clouds = {az.name: az.cpi or ONLY_CLOUD for az in config.azs}
    wanted = dict.fromkeys(_wanted(manifest, config, clouds))
    return tuple(_answer(session, size, cloud) for size, cloud in wanted if cloud in session.world.clouds)


def _wanted(manifest: Manifest, config: CloudConfig, clouds: Mapping[str, str]) -> Iterator[tuple[VmSize, str]]:
    compilation = config.compilation
    places = [(group.vm_resources, group.azs or ()) for group in manifest.instance_groups]
    for written, azs in (*places, (compilation.vm_resources, (compilation.az,) if compilation.az else ())):
        if written is not None:
            size = vm_sizes.size_of(written)
            yield from ((size, clouds.get(az, ONLY_CLOUD)) for az in azs or ("",))


def _answer(session: Session, size: VmSize, cloud: str) -> SizeThere | SizeRefusal:
    asked = session.world.clouds[cloud].cloud
    try:
        found = asked.calculate_vm_cloud_properties(size.cpu, size.ram_mib, size.ephemeral_disk_mib)
    except CloudError as error:
        return SizeRefusal(size=size, error=error, cloud=cloud)
    return SizeThere(size=size, cloud_properties=found, cloud=cloud)
