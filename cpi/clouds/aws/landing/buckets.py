"""The landing zone's bucket: its name unique among all accounts, its owner checked, blobs behind signed URLs.

Takes environments and owners, changes S3. A bucket of our name that is not ours is never touched.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from cpi.clouds.aws.landing import bucket_calls, layout
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import ConflictError, DeniedError, NotFoundError
from cpi.contract.values import LandingResource, OwnerKey, SignedUrl
from cpi.kit.landing import Part, PartFound


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
        """Its name."""
        return names.bucket_name(self._environment, account=self.account(), region=self._api.region)

    def account(self) -> str:
        """Which account this is; asked once."""
        if not self._account:
            self._account = str(self._api.read("sts", "GetCallerIdentity")["Account"])
        return self._account

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
            raise bucket_calls.owned_by_others(name, "It does not have this environment's tags.")
        try:
            bucket_calls.create(
                self._api, name, resource_tags.Label(owner=owner, kind=layout.BUCKET, name=resource.name)
            )
        except ConflictError as error:
            there = self._owner()
            if there is None or there.environment != owner.environment:
                raise bucket_calls.owned_by_others(name, error.why) from error
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
            raise bucket_calls.owned_by_others(id_, f"It belongs to environment '{owner.environment}'.")
        bucket_calls.delete(self._api, id_)

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
        pages = bucket_calls.list_pages(self._api, self.name())
        return {str(one["Key"]): int(one["Size"]) for page in pages for one in page.get("Contents", ())}

    def delete_blob(self, name: str) -> None:
        with contextlib.suppress(NotFoundError):
            self._api.change("s3", "DeleteObject", Bucket=self.name(), Key=name)

    def is_taken(self) -> bool:
        """Whether someone else has our name."""
        return bucket_calls.is_taken(self._api, self.name(), self._environment)

    def _size_of(self, name: str) -> int | None:
        """By a list of one: a refused HEAD says nothing but its status, so an expired login would go unnamed."""
        page = self._api.read("s3", "ListObjectsV2", Bucket=self.name(), Prefix=name, MaxKeys=1)
        return next((int(one["Size"]) for one in page.get("Contents", ()) if one["Key"] == name), None)

    def _owner(self, name: str = "") -> OwnerKey | None:
        return bucket_calls.owner_of(self._api, name or self.name())

    def _found(self, owner: OwnerKey) -> PartFound:
        return PartFound(id=self.name(), name=layout.BLOBS, owner=owner)
