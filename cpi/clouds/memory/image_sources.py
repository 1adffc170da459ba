"""What the memory cloud makes images of: images, blobs, snapshots, disks and VMs.

Takes the resources and a source, says whether it is there.
"""

import re
from collections.abc import Collection, Mapping

from cpi.clouds.memory.resources import MemoryResources
from cpi.clouds.memory.rules import Rules
from cpi.contract.landing_parts import ImageOrigin, ImageSource
from cpi.kit import judge

PLACES: Mapping[ImageOrigin, tuple[re.Pattern[str], str]] = {
    "image": (re.compile(r"[a-z0-9-]+"), "default"),
    "blob": (re.compile(r"https://\S+"), "https://blobs.example/system.vhd"),
    "snapshot": (re.compile(r"snapshot-\d+"), "snapshot-1"),
    "disk": (re.compile(r"disk-\d+"), "disk-1"),
    "vm": (re.compile(r"vm-\d+"), "vm-1"),
}
"""A pattern of what each is named by, and an example."""


def require(rules: Rules, resources: MemoryResources, source: ImageSource) -> None:
    """Raises NotFoundError, code unknown-image-source. A blob is always there."""
    known: Mapping[ImageOrigin, Collection[str]] = {
        "image": rules.images,
        "blob": (source.place,),
        "snapshot": resources.snapshots,
        "disk": resources.disks,
        "vm": resources.vms,
    }
    if source.place not in known[source.origin]:
        raise judge.unknown_source(source, cloud="The memory cloud")
