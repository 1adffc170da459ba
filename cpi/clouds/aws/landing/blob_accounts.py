"""Storage accounts that templates add: a bucket for each, and in it a folder for each container.

Takes resources and owners, changes S3. A folder is what S3's own console makes: an empty object whose name ends with a
slash. A bucket of such a name that is not ours is never touched.
"""

from collections.abc import Iterator, Mapping

from cpi.clouds.aws.landing import bucket_calls
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import ConflictError, DeniedError, NotFoundError
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit import blob_accounts
from cpi.kit.landing import Part, PartFound


class AccountBuckets(Part):
    """S3 finds buckets by the beginning of their names alone, so it says whose they are."""

    cloud = "AWS"
    kind = blob_accounts.ACCOUNT

    def __init__(self, api: Api, bucket: Bucket) -> None:
        self._api = api
        self._bucket = bucket
        self._latest: tuple[PartFound, ...] | None = None
        """What the latest listing found, for the folders, which are listed right after it."""

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        """None for a login that may not list buckets: it has made none, because that comes first."""
        if name:
            yield from self._found(environment, name)
            return
        self._latest = None
        self._latest = tuple(self._found(environment, ""))
        yield from self._latest

    def listed_before(self, environment: str) -> tuple[PartFound, ...]:
        """What the latest listing found: S3 throttles, and one listing of a landing zone is to ask it once."""
        return self._latest if self._latest is not None else tuple(self.find(environment))

    def _found(self, environment: str, name: str) -> Iterator[PartFound]:
        prefix = self._prefix(environment)
        try:
            listed = [f"{prefix}{name}"] if name else self._listed(prefix)
        except DeniedError as error:
            if bucket_calls.is_refusal(error):
                return
            raise
        for one in listed:
            owner = bucket_calls.owner_of(self._api, one)
            if owner is not None and owner.environment == environment:
                yield PartFound(id=one, name=one.removeprefix(prefix), owner=owner)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """Raises ConflictError, code name-taken; DeniedError for a login that could not find it again."""
        name = self.own_name(owner.environment, resource.name)
        self._listed(name)
        if bucket_calls.is_taken(self._api, name, owner.environment):
            raise bucket_calls.owned_by_others(name, "It does not have this environment's tags.")
        label = resource_tags.Label(owner=owner, kind=self.kind, name=resource.name)
        try:
            bucket_calls.create(self._api, name, label)
        except ConflictError as error:
            there = self.first(resource.name, owner.environment)
            if there is None:
                raise bucket_calls.owned_by_others(name, error.why) from error
            return there
        return PartFound(id=name, name=resource.name, owner=owner)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        url = self._api.sign("get_object", valid_s=1, parameters={"Bucket": found.id, "Key": "_"})
        return blob_accounts.variables(found.name, found.id, url.partition("?")[0].removesuffix("_"))

    def delete(self, id_: str) -> None:
        """Empties it first."""
        if bucket_calls.owner_of(self._api, id_) is not None:
            bucket_calls.delete(self._api, id_)

    def own_name(self, environment: str, name: str) -> str:
        """The bucket's name."""
        return f"{self._prefix(environment)}{name}"

    def is_taken(self, environment: str, name: str) -> bool:
        """Whether somebody else has the bucket's name."""
        return bucket_calls.is_taken(self._api, self.own_name(environment, name), environment)

    def _prefix(self, environment: str) -> str:
        return names.account_prefix(environment, account=self._bucket.account(), region=self._api.region)

    def _listed(self, prefix: str) -> list[str]:
        found = (str(one["Name"]) for one in self._api.read("s3", "ListBuckets", Prefix=prefix).get("Buckets", ()))
        return [name for name in found if name.startswith(prefix)]


class BucketFolders(Part):
    """They bear no tags: they are whose the bucket is."""

    cloud = "AWS"
    kind = blob_accounts.CONTAINER

    def __init__(self, api: Api, accounts: AccountBuckets) -> None:
        self._api = api
        self._accounts = accounts

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        wanted = blob_accounts.split(name)[0]
        listed = self._accounts.find(environment, wanted) if wanted else self._accounts.listed_before(environment)
        for account in listed:
            for folder in self._folders(account.id, blob_accounts.split(name)[1]):
                yield PartFound(id=f"{account.id}/{folder}", name=f"{account.name}/{folder}", owner=account.owner)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """Raises NotFoundError, code landing-incomplete, without its bucket."""
        account, folder = blob_accounts.split(resource.name)
        bucket = self._accounts.need(account, owner.environment)
        self._api.change("s3", "PutObject", Bucket=bucket.id, Key=f"{folder}/", Body=b"")
        return PartFound(id=f"{bucket.id}/{folder}", name=resource.name, owner=bucket.owner)

    def delete(self, id_: str) -> None:
        """With all that is in it."""
        bucket, folder = blob_accounts.split(id_)
        if bucket_calls.owner_of(self._api, bucket) is not None:
            bucket_calls.empty(self._api, bucket, f"{folder}/")

    def _folders(self, bucket: str, folder: str) -> Iterator[str]:
        asked = {"Prefix": f"{folder}/"} if folder else {}
        try:
            for page in bucket_calls.list_pages(self._api, bucket, Delimiter="/", **asked):
                if folder:
                    yield from [folder] if page.get("KeyCount") else []
                    return
                yield from (str(one["Prefix"]).removesuffix("/") for one in page.get("CommonPrefixes", ()))
        except NotFoundError:
            return
