"""Calls about any bucket: whose it is, whether somebody else has its name, and emptying it.

Takes the name of a bucket, gives its owner; changes S3.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import resource_tags
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import ConflictError, DeniedError, NotFoundError
from cpi.contract.values import OwnerKey
from cpi.kit import tags as owner_tags

_HOME = "us-east-1"
"""The only region that S3 rejects as a location constraint."""


def create(api: Api, name: str, label: resource_tags.Label) -> None:
    """A private bucket. Raises ConflictError where one has the name: ours, or somebody else's."""
    place = {} if api.region == _HOME else {"LocationConstraint": api.region}
    tags = resource_tags.write_tags(label)
    api.change("s3", "CreateBucket", Bucket=name, CreateBucketConfiguration={**place, "Tags": tags})


def owner_of(api: Api, name: str) -> OwnerKey | None:
    """None: there is no such bucket, or it is not ours to touch."""
    try:
        answer = api.read("s3", "GetBucketTagging", Bucket=name)
    except NotFoundError:
        return None
    except DeniedError as error:
        if is_refusal(error):
            return None  # someone else's, or one that we may not look at: not ours to touch
        raise
    return owner_tags.read_owner(resource_tags.read_tags(answer["TagSet"]))


def is_refusal(error: DeniedError) -> bool:
    """Whether the login is good and may not do this, rather than being at fault itself."""
    return sdk.code_of(error) in ("AccessDenied", "AllAccessDisabled")


def is_taken(api: Api, name: str, environment: str) -> bool:
    """Whether a bucket that is not the environment's has the name."""
    try:
        owner = owner_of(api, name)
        if owner is not None:
            return owner.environment != environment
        api.read("s3", "HeadBucket", Bucket=name)
    except NotFoundError:
        return False
    except DeniedError:
        return True
    return True


def delete(api: Api, name: str) -> None:
    """Empty it first; absent is success."""
    try:
        empty(api, name)
        api.change("s3", "DeleteBucket", Bucket=name)
    except NotFoundError:
        return


def empty(api: Api, name: str, prefix: str = "") -> None:
    """Delete all objects whose names begin with `prefix`."""
    for keys in _pages(api, name, prefix):
        api.change("s3", "DeleteObjects", Bucket=name, Delete={"Objects": keys, "Quiet": True})


def list_pages(api: Api, name: str, **asked: str) -> Iterator[Mapping[str, Any]]:
    """What the bucket holds, page after page."""
    place: dict[str, str] = {}
    while True:
        page: Mapping[str, Any] = api.read("s3", "ListObjectsV2", Bucket=name, **asked, **place)
        yield page
        if not page.get("IsTruncated"):
            return
        place = {"ContinuationToken": str(page["NextContinuationToken"])}


def owned_by_others(name: str, why: str) -> ConflictError:
    return ConflictError(
        "name-taken",
        f"The bucket '{name}' already exists and does not belong to this environment.",
        why=why,
        fix="Rename the environment, or delete the bucket if it is yours.",
    )


def _pages(api: Api, name: str, prefix: str) -> Iterator[list[dict[str, Any]]]:
    """What is there now, again and again until nothing is."""
    while True:
        page = api.read("s3", "ListObjectsV2", Bucket=name, **({"Prefix": prefix} if prefix else {}))
        keys = [{"Key": one["Key"]} for one in page.get("Contents", ())]
        if not keys:
            return
        yield keys
