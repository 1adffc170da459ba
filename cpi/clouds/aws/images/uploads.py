"""Images that are sent to AWS: a snapshot written block by block (EBS direct APIs), and an image registered on it.

Takes requests with the path of a raw disk, gives CIDs. Needs only an account: no VM, no bucket, no role for an import.
After an interruption the same request continues at the block of the last mark; so does another action's for the same
disk of the same environment, as a dead action does not return for its snapshot.
Source: docs.aws.amazon.com, "EBS direct APIs", "RegisterImage".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cpi.clouds.aws.images import processing, stemcells
from cpi.clouds.aws.images.processing import Processing
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig, StemcellProperties
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, TransientError
from cpi.contract.long_running import Pending
from cpi.contract.values import FoundStemcell, OwnerQuery, StemcellCid, StemcellRequest
from cpi.kit import disk_image
from cpi.kit.disk_image import DiskImage, Format, Report

CloudAnswer = Mapping[str, Any]

ACCEPTED = frozenset({Format.RAW})
CLOUD = "AWS"
_MARK_EVERY = 64
"""Blocks; 32 MiB at most are sent again after a break."""
_PENDING = "pending"


class Uploads:
    def __init__(self, api: Api, config: AwsConfig, report: Report) -> None:
        self._api = api
        self._config = config
        self._report = report

    def create(self, request: StemcellRequest, properties: StemcellProperties, path: str) -> StemcellCid:
        """Give the action's stemcell, sent and registered if it is not there. Raises Processing."""
        made = self.registered(request)
        if made is not None:
            return self.need_available(made)
        image = disk_image.survey(path, ACCEPTED, cloud=CLOUD)
        snapshot = self._snapshot(request, image, architecture=self._architecture(properties))
        self._fill(snapshot, image)
        self._need_completed(snapshot["SnapshotId"])
        return self.need_available(self.register(request, properties, snapshot["SnapshotId"]))

    def look(self, handle: str) -> Pending | None:
        """Look once at what AWS is processing; None: it ended, well or not, which the next call of `create` judges."""
        kind, cid = processing.read_handle(handle)
        state = self._state_of_image(cid) if kind == processing.IMAGE else self._state_of_snapshot(cid)
        return processing.pending_of(kind, cid) if state == _PENDING else None

    def delete(self, snapshot: str, image: str) -> None:
        """The image first: AWS keeps a snapshot that an image is of."""
        if image:
            self._forget("DeregisterImage", ImageId=image)
        self._forget("DeleteSnapshot", SnapshotId=snapshot)

    def delete_image(self, image: str) -> None:
        """An image, then snapshots that have its owner key: AWS keeps a snapshot that an image is of."""
        owners = [stemcells.owner_of(one) for one in self._images({"image-id": image})]
        wanted = [resource_tags.owner_filters(owner, names.STEMCELL) for owner in owners if owner is not None]
        snapshots = [one["SnapshotId"] for each in wanted for one in self._snapshots(each)]
        self._forget("DeregisterImage", ImageId=image)
        for snapshot in snapshots:
            self._forget("DeleteSnapshot", SnapshotId=snapshot)

    def registered(self, request: StemcellRequest) -> StemcellCid | None:
        """The action's own image, whole or about to be."""
        answer = self._images(resource_tags.owner_filters(request.owner, names.STEMCELL))
        return next((found.cid for found in map(stemcells.read_image_stemcell, answer) if found), None)

    def need_available(self, cid: StemcellCid) -> StemcellCid:
        """The stemcell once AWS has made its image. Raises Processing."""
        image = stemcells.image_of(cid)
        match self._state_of_image(image):
            case "available":
                return cid
            case "pending":
                raise Processing(processing.pending_of(processing.IMAGE, image))
            case state:
                raise _image_failed(image, state)

    def register(self, request: StemcellRequest, properties: StemcellProperties, snapshot: str) -> StemcellCid:
        """The image of a snapshot, or the action's that is there."""
        asked = stemcells.write_image(
            request,
            snapshot,
            properties,
            version=stemcells.version_of(request, self._config),
            architecture=self._architecture(properties),
        )
        try:
            made = self._api.change("ec2", "RegisterImage", **asked)
        except ConflictError as error:
            own = self.registered(request)
            if own is None:
                raise error
            return own
        return stemcells.write_cid(snapshot, made["ImageId"])

    def find(self, query: OwnerQuery) -> Iterator[FoundStemcell]:
        """Those that were sent, and those that were not to the end."""
        wanted = resource_tags.query_filters(query, names.STEMCELL)
        images, snapshots = self._images(wanted), self._snapshots(wanted)
        for answer in images:
            found = stemcells.read_image_stemcell(answer)
            if found is not None:
                yield found
        for answer in stemcells.read_unfinished(snapshots, images):
            found = stemcells.read_unfinished_stemcell(answer)
            if found is not None:
                yield found

    def _snapshot(self, request: StemcellRequest, image: DiskImage, *, architecture: str) -> CloudAnswer:
        """The one to write into: begun before, or new."""
        begun, dead = self._begun(request, image), ""
        if begun is not None and begun["State"] != "error":
            if stemcells.owner_of(begun) != request.owner:
                self._mark(begun["SnapshotId"], stemcells.write_retag(request.owner))
            return begun
        if begun is not None:
            dead = str(begun["SnapshotId"])
            self._forget("DeleteSnapshot", SnapshotId=dead)
        version = stemcells.version_of(request, self._config)
        asked = stemcells.write_snapshot(request, image, version=version, architecture=architecture, dead=dead)
        return self._api.change("ebs", "StartSnapshot", **asked)

    def _begun(self, request: StemcellRequest, image: DiskImage) -> CloudAnswer | None:
        """A snapshot of this very disk that is no image's yet, this action's rather than another's."""
        query = OwnerQuery(environment=request.owner.environment)
        wanted = resource_tags.query_filters(query, names.STEMCELL)
        left = stemcells.read_unfinished(self._snapshots(wanted), self._images(wanted))
        fitting = [one for one in left if stemcells.is_of(one, image)]
        return min(fitting, key=lambda one: stemcells.owner_of(one) != request.owner, default=None)

    def _fill(self, snapshot: CloudAnswer, image: DiskImage) -> None:
        """Write the blocks that are not all zeros, and close it."""
        cid, there = str(snapshot["SnapshotId"]), stemcells.read_sent(snapshot)
        if snapshot.get("State") == "completed":
            return
        digests: list[bytes] = []
        for index, piece in enumerate(disk_image.sent(image, piece_size=stemcells.BLOCK, report=self._report)):
            if not piece.strip(b"\0"):
                continue
            block = piece.ljust(stemcells.BLOCK, b"\0")
            digests.append(stemcells.block_digest(block))
            if there is None or len(digests) <= there:
                continue
            self._put(cid, index, block, digest=digests[-1])
            if len(digests) % _MARK_EVERY == 0:
                self._mark(cid, stemcells.write_sent(len(digests)))
        if there is not None:
            self._mark(cid, stemcells.write_sent(None))
        self._complete(cid, digests, is_again=there is None)

    def _put(self, cid: str, index: int, block: bytes, *, digest: bytes) -> None:
        """A block is itself however often it is written, so a lost answer is no doubt."""
        self._api.read(
            "ebs",
            "PutSnapshotBlock",
            SnapshotId=cid,
            BlockIndex=index,
            BlockData=block,
            DataLength=len(block),
            Checksum=stemcells.write_digest(digest),
            ChecksumAlgorithm="SHA256",
        )

    def _complete(self, cid: str, digests: list[bytes], *, is_again: bool) -> None:
        """Close it. Where that was tried before, a refusal may mean that it is closed: the snapshot's state tells."""
        try:
            self._api.read(
                "ebs",
                "CompleteSnapshot",
                SnapshotId=cid,
                ChangedBlocksCount=len(digests),
                Checksum=stemcells.write_digest(stemcells.block_digest(b"".join(digests))),
                ChecksumAlgorithm="SHA256",
                ChecksumAggregationMethod="LINEAR",
            )
        except TransientError:
            raise
        except CloudError:
            if not is_again:
                raise

    def _need_completed(self, cid: str) -> None:
        match self._state_of_snapshot(cid):
            case "completed":
                return
            case "error":
                raise _failed(cid)
            case _:
                raise Processing(processing.pending_of(processing.SNAPSHOT, cid))

    def _state_of_snapshot(self, cid: str) -> str:
        """One that AWS does not show everywhere yet is pending."""
        return next((str(one["State"]) for one in self._look(cid)), _PENDING)

    def _state_of_image(self, image: str) -> str:
        return next((str(one.get("State", _PENDING)) for one in self._images({"image-id": image})), _PENDING)

    def _architecture(self, properties: StemcellProperties) -> str:
        return properties.architecture or self._config.architecture

    def _mark(self, cid: str, tags: list[dict[str, str]]) -> None:
        """AWS may not show a new snapshot everywhere yet: a mark that is missing costs a few blocks again."""
        try:
            self._api.read("ec2", "CreateTags", Resources=[cid], Tags=tags)
        except NotFoundError:
            return

    def _forget(self, operation: str, **parameters: Any) -> None:
        """Delete; AWS says "unavailable" of an image that is deregistered already."""
        try:
            self._api.change("ec2", operation, **parameters)
        except NotFoundError:
            return
        except TransientError as error:
            if sdk.code_of(error) != "InvalidAMIID.Unavailable":
                raise

    def _look(self, cid: str) -> list[CloudAnswer]:
        try:
            return list(self._api.list_all("DescribeSnapshots", "Snapshots", SnapshotIds=[cid]))
        except NotFoundError:
            return []

    def _images(self, wanted: Mapping[str, str]) -> list[CloudAnswer]:
        return list(self._api.list_all("DescribeImages", "Images", Owners=["self"], Filters=filters(wanted)))

    def _snapshots(self, wanted: Mapping[str, str]) -> list[CloudAnswer]:
        return list(self._api.list_all("DescribeSnapshots", "Snapshots", OwnerIds=["self"], Filters=filters(wanted)))


def _image_failed(image: str, state: str) -> CloudError:
    return CloudError(
        "image-failed",
        f"AWS could not create image {image} of the stemcell.",
        why=f"Its state is {state}.",
        fix="Fix the reported cause, and run the command again after `compleat down`, or deregister the image.",
    )


def _failed(cid: str) -> CloudError:
    return TransientError(
        "snapshot-failed",
        f"AWS could not finish snapshot {cid}.",
        why="Its state is error; AWS cancels a snapshot that is not completed within an hour.",
        fix="No action needed: compleat deletes it and uploads the image again.",
    )
