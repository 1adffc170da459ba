"""The landing zone's bucket: its name unique among all accounts, its owner checked, blobs behind signed URLs.

Takes environments and owners, changes S3. A bucket of our name that is not ours is never touched.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import ConflictError, DeniedError, NotFoundError
from cpi.contract.values import LandingResource, OwnerKey, SignedUrl
from cpi.kit import tags as owner_tags
from cpi.kit.landing import Part, PartFound

_HOME = "us-east-1"
"""The only region that S3 rejects as a location constraint."""


class Bucket(Part):
    """The one bucket of an environment. Implements Storage of cpi.contract.cloud, too.

    An environment that wants none needs no permission to look for one.
    """

    cloud = "AWS"
    kind = layout.BUCKET

    def __init__(self, api: Api, environment: str, *, is_wanted: bool = True) -> None:
        self._api = api
        self._environment = environment
        self._is_wanted = is_wanted
        self._account = ""

    def name(self) -> str:
        """Its name; asks once which account this is."""
        if not self._account:
            self._account = str(self._api.read("sts", "GetCallerIdentity")["Account"])
        return names.bucket_name(self._environment, account=self._account, region=self._api.region)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        try:
            owner = self._owner() if environment == self._environment else None
        except DeniedError:
            if self._is_wanted:
                raise
            return
        if owner is not None and owner.environment == environment:
            yield self._found(owner)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """Raises ConflictError, code name-taken."""
        name = self.name()
        if self.is_taken():
            raise _owned_by_others(name, "It does not have this environment's tags.")
        tags = resource_tags.write_tags(resource_tags.Label(owner=owner, kind=layout.BUCKET, name=resource.name))
        place = {} if self._api.region == _HOME else {"LocationConstraint": self._api.region}
        try:
            self._api.change("s3", "CreateBucket", Bucket=name, CreateBucketConfiguration={**place, "Tags": tags})
        except ConflictError as error:
            there = self._owner()
            if there is None or there.environment != owner.environment:
                raise _owned_by_others(name, error.why) from error
            return self._found(there)
        return self._found(owner)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"bucket_name": found.id}

    def delete(self, id_: str) -> None:
        """Empties it first. Raises ConflictError, code name-taken."""
        owner = self._owner(id_)
        if owner is None:
            return
        if owner.environment != self._environment:
            raise _owned_by_others(id_, f"It belongs to environment '{owner.environment}'.")
        try:
            self._empty(id_)
            self._api.change("s3", "DeleteBucket", Bucket=id_)
        except NotFoundError:
            return

    def put_blob(self, name: str, stream: BinaryIO, *, size: int) -> None:
        if self._size_of(name) != size:
            self._api.change("s3", "PutObject", Bucket=self.name(), Key=name, Body=stream, ContentLength=size)

    def sign_url(self, name: str, *, valid_s: int) -> SignedUrl:
        url = self._api.sign("get_object", valid_s=valid_s, parameters={"Bucket": self.name(), "Key": name})
        return SignedUrl(url=url, ca=self._api.ca())

    def list_blobs(self) -> Mapping[str, int]:
        """Of a bucket that is this environment's alone."""
        owner = self._owner()
        if owner is None or owner.environment != self._environment:
            return {}
        return {str(one["Key"]): int(one["Size"]) for one in self._listed()}

    def delete_blob(self, name: str) -> None:
        with contextlib.suppress(NotFoundError):
            self._api.change("s3", "DeleteObject", Bucket=self.name(), Key=name)

    def is_taken(self) -> bool:
        """Whether someone else has our name."""
        try:
            owner = self._owner()
            if owner is not None:
                return owner.environment != self._environment
            self._api.read("s3", "HeadBucket", Bucket=self.name())
        except NotFoundError:
            return False
        except DeniedError:
            return True
        return True

    def _size_of(self, name: str) -> int | None:
        """By a list of one: a refused HEAD says nothing but its status, so an expired login would go unnamed."""
        page = self._api.read("s3", "ListObjectsV2", Bucket=self.name(), Prefix=name, MaxKeys=1)
        return next((int(one["Size"]) for one in page.get("Contents", ()) if one["Key"] == name), None)

    def _owner(self, name: str = "") -> OwnerKey | None:
        try:
            answer = self._api.read("s3", "GetBucketTagging", Bucket=name or self.name())
        except NotFoundError:
            return None
        except DeniedError as error:
            if sdk.code_of(error) in ("AccessDenied", "AllAccessDisabled"):
                return None  # someone else's, or one that we may not look at: not ours to touch
            raise
        return owner_tags.read_owner(resource_tags.read_tags(answer["TagSet"]))

    def _listed(self) -> Iterator[Mapping[str, Any]]:
        """What the bucket holds, page after page."""
        place: dict[str, str] = {}
        while True:
            page = self._api.read("s3", "ListObjectsV2", Bucket=self.name(), **place)
            yield from page.get("Contents", ())
            if not page.get("IsTruncated"):
                return
            place = {"ContinuationToken": str(page["NextContinuationToken"])}

    def _found(self, owner: OwnerKey) -> PartFound:
        return PartFound(id=self.name(), name=layout.BLOBS, owner=owner)

    def _empty(self, name: str) -> None:
        for keys in self._pages(name):
            self._api.change("s3", "DeleteObjects", Bucket=name, Delete={"Objects": keys, "Quiet": True})

    def _pages(self, name: str) -> Iterator[list[dict[str, Any]]]:
        while True:
            page = self._api.read("s3", "ListObjectsV2", Bucket=name)
            keys = [{"Key": one["Key"]} for one in page.get("Contents", ())]
            if not keys:
                return
            yield keys


def _owned_by_others(name: str, why: str) -> ConflictError:
    return ConflictError(
        "name-taken",
        f"The bucket '{name}' already exists and does not belong to this environment.",
        why=why,
        fix="Rename the environment, or delete the bucket if it is yours.",
    )
