"""A plan that is about to be carried out on a cloud, to plant faults in.

Takes an environment that has landed, gives a plan that grows.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from cpi.contract.landing_parts import ImageOrigin, ImageSource
from cpi.contract.values import DiskRequest, JsonValue, LandingResource, PreflightRequest, StemcellRequest, VmRequest
from tests.contract.cloud.subjects import Subject


@dataclass(slots=True, kw_only=True)
class PlanStand:
    """`settings` change those of the plugin that a cloud's stand has by itself."""

    subject: Subject
    folder: Path
    request: PreflightRequest
    settings: dict[str, JsonValue]

    def swap_last(self, vm: VmRequest) -> None:
        """The plan's last VM as another one."""
        self.request = replace(self.request, vms=(*self.request.vms[:-1], vm))

    def add_disk(self, size_mib: int = 1024, **cloud_properties: JsonValue) -> None:
        """Another disk in the plan."""
        owner = self.subject.owner(f"d{len(self.request.disks)}")
        disk = DiskRequest(owner=owner, size_mib=size_mib, cloud_properties=cloud_properties)
        self.request = replace(self.request, disks=(*self.request.disks, disk))

    def add_landing(self, kind: str, name: str, /, **properties: JsonValue) -> None:
        """Another resource of the landing zone in the plan."""
        more = LandingResource(kind=kind, name=name, properties=properties)
        self.request = replace(self.request, landing=(*self.request.landing, more))

    def add_image(self, origin: ImageOrigin, place: str) -> None:
        """An image of a template in the plan."""
        self.add_stemcell()
        made = replace(self.request.stemcells[-1], source=ImageSource(origin=origin, place=place))
        self.request = replace(self.request, stemcells=(*self.request.stemcells[:-1], made))

    def add_stemcell(self, *, os: str = "", version: str = "", path: str = "", **cloud_properties: JsonValue) -> None:
        """Another stemcell in the plan."""
        owner = self.subject.owner(f"s{len(self.request.stemcells)}")
        one = StemcellRequest(owner=owner, os=os, version=version, cloud_properties=cloud_properties, image_path=path)
        self.request = replace(self.request, stemcells=(*self.request.stemcells, one))
