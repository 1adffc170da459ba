"""What a landing zone would meet: limits, ranges that overlap, names that somebody has.

Takes landing resources, asks what there is, gives findings.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.blob_accounts import AccountBuckets
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.preflight import quotas
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.values import ENVIRONMENT_ITSELF, Finding, LandingResource, OwnerQuery
from cpi.kit import blob_accounts, judge
from cpi.kit.ranges import Range

_LISTED = (
    ("DescribeVpcs", "Vpcs", layout.VPC),
    ("DescribeAddresses", "Addresses", layout.ADDRESS),
    ("DescribeSubnets", "Subnets", layout.SUBNET),
    ("DescribeKeyPairs", "KeyPairs", layout.KEY),
    ("DescribeNatGateways", "NatGateways", layout.NAT),
)
"""What is looked for of the environment's own."""


class LandingChecks:
    def __init__(self, api: Api, config: AwsConfig, *, places: Lookups, bucket: Bucket) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._bucket = bucket
        self._accounts = AccountBuckets(api, bucket)

    def findings(self, landing: Sequence[LandingResource]) -> Iterator[Finding]:
        """Findings about the resources that do not exist yet; without any, no call is made."""
        if not landing:
            return
        there = self._there()
        missing = [resource for resource in landing if (resource.kind, resource.name) not in there]
        yield from self._limits(missing)
        yield from self._nats(missing)
        yield from self._ranges(missing, vpcs=[str(one["VpcId"]) for one in there.values() if "VpcId" in one])
        yield from self._names(missing)

    def _there(self) -> dict[tuple[str, str], Any]:
        """As AWS tells them, by kind and name."""
        query = OwnerQuery(environment=self._places.environment, deployment=ENVIRONMENT_ITSELF)
        found: dict[tuple[str, str], Any] = {}
        for operation, key, kind in _LISTED:
            wanted = filters(resource_tags.query_filters(query, kind))
            named = "Filter" if kind == layout.NAT else "Filters"
            for one in self._api.read("ec2", operation, **{named: wanted})[key]:
                found[kind, resource_tags.read_tags(one.get("Tags", ())).get(names.NAME_TAG, "")] = one
        found |= {(layout.BUCKET, bucket.name): {} for bucket in self._bucket.find(query.environment)}
        return found

    def _limits(self, missing: Sequence[LandingResource]) -> Iterator[Finding]:
        for kind, code, operation, key in (
            (layout.VPC, quotas.VPCS, "DescribeVpcs", "Vpcs"),
            (layout.ADDRESS, quotas.ADDRESSES, "DescribeAddresses", "Addresses"),
        ):
            asked = sum(resource.kind == kind for resource in missing)
            if asked:
                used = len(self._api.read("ec2", operation).get(key, ()))
                called = tuple(one.name for one in missing if one.kind == kind)
                load = quotas.QuotaUse(code=code, unit=key.lower(), used=used, asked=asked, names=called)
                yield from quotas.check(self._api, load)

    def _nats(self, missing: Sequence[LandingResource]) -> Iterator[Finding]:
        """Those of the first zone, in which all of compleat's are."""
        asked = sum(resource.kind == layout.NAT for resource in missing)
        if asked:
            zone = self._config.zone_names()[0]
            answer = self._api.list_all("DescribeSubnets", "Subnets", Filters=filters({"availability-zone": zone}))
            subnets = {str(one["SubnetId"]) for one in answer}
            counted = filters({"state": ("pending", "available", "deleting")})
            there = self._api.list_all("DescribeNatGateways", "NatGateways", Filter=counted)
            used = sum(str(one["SubnetId"]) in subnets for one in there)
            load = quotas.QuotaUse(code=quotas.NATS, unit="NAT gateways", used=used, asked=asked)
            yield from quotas.check(self._api, load)

    def _ranges(self, missing: Sequence[LandingResource], *, vpcs: Sequence[str]) -> Iterator[Finding]:
        """Subnets to come against each other, and against whatever is in the environment's VPC."""
        new = [
            Range(name=f"subnet '{one.name}'", cidr=str(one.properties["cidr"]))
            for one in missing
            if one.kind == layout.SUBNET
        ]
        held: list[Range] = []
        if new and vpcs:
            answer = self._api.list_all(
                "DescribeSubnets", "Subnets", Filters=filters({"vpc-id": tuple(sorted(set(vpcs)))})
            )
            held = [Range(name=f"{one['SubnetId']}", cidr=str(one["CidrBlock"])) for one in answer]
        yield from judge.overlaps(new, held)

    def _names(self, missing: Sequence[LandingResource]) -> Iterator[Finding]:
        if any(resource.kind == layout.BUCKET for resource in missing) and self._bucket.is_taken():
            why = "Names of buckets are unique among all accounts."
            yield Finding.of(judge.name_taken("bucket", self._bucket.name(), why=why))
        for one in missing:
            environment = self._places.environment
            if one.kind == blob_accounts.ACCOUNT and self._accounts.is_taken(environment, one.name):
                why = "Names of buckets are unique among all accounts."
                bucket = self._accounts.own_name(environment, one.name)
                yield Finding.of(judge.name_taken("bucket", bucket, why=why))
        if any(resource.kind == layout.KEY for resource in missing):
            yield from self._key()

    def _key(self) -> Iterator[Finding]:
        key = names.key_name(self._places.environment)
        if key in {one["KeyName"] for one in self._api.read("ec2", "DescribeKeyPairs")["KeyPairs"]}:
            why = "A region has each name of a key pair once."
            fix = f"Delete it (`aws ec2 delete-key-pair --key-name {key}`), or rename the environment."
            yield Finding.of(judge.name_taken("key pair", key, why=why, fix=fix))
