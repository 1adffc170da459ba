"""What AWS makes images of: snapshots and instances.

Takes sources, gives their facts.
"""

import re
from collections.abc import Mapping
from typing import Any

from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import NotFoundError
from cpi.contract.landing_parts import ImageOrigin, ImageSource
from cpi.kit import judge
from cpi.kit.judge import ImageFacts

CloudAnswer = Mapping[str, Any]

_IMAGE = re.compile(r"ami-[0-9a-f]+")
_SNAPSHOT = re.compile(r"snap-[0-9a-f]+")
_INSTANCE = re.compile(r"i-[0-9a-f]+")
PLACES: Mapping[ImageOrigin, tuple[re.Pattern[str], str]] = {
    "image": (_IMAGE, "ami-0123456789abcdef0"),
    "snapshot": (_SNAPSHOT, "snap-0123456789abcdef0"),
    "vm": (_INSTANCE, "i-0123456789abcdef0"),
}
"""A pattern of what each is named by, and an example."""
REFUSED: Mapping[ImageOrigin, tuple[str, str]] = {
    "blob": (
        "The snapshot that AWS imports a file of S3 into has no owner key, and the import takes a role of its own.",
        "Run `aws ec2 import-snapshot`, and write the snapshot's id into osDisk.snapshot.id.",
    ),
    "disk": (
        "AWS registers images on snapshots.",
        "Run `aws ec2 create-snapshot` of the volume, and write the snapshot's id into osDisk.snapshot.id.",
    ),
}
_GONE = ("shutting-down", "terminated")


class ImageSources:
    def __init__(self, api: Api) -> None:
        self._api = api

    def facts(self, source: ImageSource) -> ImageFacts:
        """The facts of what an image is made of.

        Raises NotFoundError, code unknown-image-source; CloudError, code image-source-unfit.
        """
        name = f"The image of '{source.place}'"
        if source.origin == "snapshot":
            snapshot = self._read(source, "DescribeSnapshots", SnapshotIds=[source.place])["Snapshots"][0]
            if snapshot["State"] != "completed":
                raise judge.source_unfit(
                    source,
                    cloud="AWS",
                    why=f"Its state is {snapshot['State']}.",
                    fix="Wait until it is completed, or name another snapshot.",
                )
            return ImageFacts(name=name)
        instance = self.need_instance(source)
        if instance.get("RootDeviceType", "ebs") != "ebs":
            raise judge.source_unfit(
                source,
                cloud="AWS",
                why="Its system is on an instance store.",
                fix="Name an instance with a root volume.",
            )
        return ImageFacts(name=name, architecture=str(instance.get("Architecture", "")))

    def need_instance(self, source: ImageSource) -> CloudAnswer:
        """As AWS describes it. Raises NotFoundError, code unknown-image-source."""
        found = self._read(source, "DescribeInstances", InstanceIds=[source.place])["Reservations"]
        instances: list[CloudAnswer] = [one for reservation in found for one in reservation["Instances"]]
        if not instances or instances[0]["State"]["Name"] in _GONE:
            raise judge.unknown_source(source, cloud="AWS")
        return instances[0]

    def _read(self, source: ImageSource, operation: str, **parameters: Any) -> CloudAnswer:
        try:
            return self._api.read("ec2", operation, **parameters)
        except NotFoundError as error:
            raise judge.unknown_source(source, cloud="AWS") from error
