"""What becomes of each property of images.

Takes nothing, gives rows.
"""

from director.resolve.templates import property_rows
from director.resolve.templates.property_rows import PropertyEffect, PropertyRow

IMAGE = "Microsoft.Compute/images"

_DISK = "properties.storageProfile.osDisk"
ROWS: tuple[PropertyRow, ...] = (
    *property_rows.rows(
        IMAGE,
        property_rows.TAGS,
        ("properties.sourceVirtualMachine.id", PropertyEffect.ACTED, "a deployed VM of a template, or the cloud's"),
        ("properties.hyperVGeneration", PropertyEffect.ACTED, "V1 or V2; on Azure; elsewhere a remark"),
        (f"{_DISK}.blobUri", PropertyEffect.ACTED, "on Azure and OpenStack"),
        (f"{_DISK}.snapshot.id", PropertyEffect.ACTED, "the cloud's; on Azure and AWS"),
        (f"{_DISK}.managedDisk.id", PropertyEffect.ACTED, "the cloud's; on Azure"),
        (f"{_DISK}.caching", PropertyEffect.REMARK, property_rows.HINT),
        (f"{_DISK}.storageAccountType", PropertyEffect.REMARK, property_rows.HINT),
        (f"{_DISK}.diskSizeGB", PropertyEffect.REFUSED, "it is as large as its source"),
        ("properties.storageProfile.dataDisks[]", PropertyEffect.REFUSED, "an image is of a system disk alone"),
        ("properties.storageProfile.zoneResilient", PropertyEffect.REMARK, property_rows.HINT),
    ),
    property_rows.only(IMAGE, f"{_DISK}.osType", "Linux"),
    property_rows.only(IMAGE, f"{_DISK}.osState", "Generalized"),
)
