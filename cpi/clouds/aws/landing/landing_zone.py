"""LANDING: what must exist before the first VM, each part by its kind.

Takes specs and resources, gives what exists.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.landing.dns_records import Records
from cpi.clouds.aws.landing.gateway_endpoints import GatewayEndpoints
from cpi.clouds.aws.landing.security_groups import Addresses, KeyPairs, SecurityGroups
from cpi.clouds.aws.landing.zone_networks import Gateways, NatGateways, Part, RouteTables, Subnets, Told, Vpcs, ZoneApi
from cpi.clouds.aws.machines.attachments import Attachments
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.clouds.aws.wire.recently_created import RecentlyCreated
from cpi.contract.errors import CloudError, ConflictError, DeniedError, NotFoundError, TransientError
from cpi.contract.values import (
    Endpoint,
    FoundLandingResource,
    LandingCid,
    LandingResource,
    LandingSpec,
    OwnerKey,
    OwnerQuery,
    VmCid,
)
from cpi.kit import tags as owner_tags

_USED = ("DependencyViolation", "InvalidIPAddress.InUse", "AuthFailure")


class AwsLanding:
    """Implements Landing of cpi.contract.cloud."""

    def __init__(
        self, api: Api, config: AwsConfig, *, bucket: Bucket, records: Records, forget: Callable[[], None]
    ) -> None:
        self._api = api
        self._config = config
        self._bucket = bucket
        self._forget = forget
        self._records = records
        self._parts = _parts(api, config)
        self._made: dict[tuple[str, str, str], Told] = {}
        self._instances = Attachments(api, RecentlyCreated())

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return layout.landing_resources(spec, self._config)

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        self._forget()
        if resource.kind == layout.BUCKET:
            return self._bucket.find(owner.environment) or self._bucket.make(resource, owner)
        if resource.kind == layout.RECORD:
            return self._records.make(resource, owner, address=self._address_of(resource, owner))
        part = self._part(resource.kind)
        try:
            told = self._find(part, resource, owner) or self._make(part, resource, owner)
            part.complete(resource, told, owner)
        except NotFoundError as error:
            raise TransientError(
                "not-visible-yet",
                f"AWS does not show the dependencies of {resource.kind} '{resource.name}' yet.",
                why=error.why,
                fix="No action needed: compleat retries.",
            ) from error
        found = _read(resource.kind, part, told)
        if found is None:
            raise ConflictError("name-taken", f"{resource.kind} '{resource.name}' does not have compleat's tags.")
        return found

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        query = OwnerQuery(environment=environment, deployment="")
        found = [
            _read(kind, part, told)
            for kind, part in self._parts.items()
            for told in part.find(resource_tags.query_filters(query, kind))
        ]
        found += [self._find_bucket(environment), *self._records.find(environment)]
        return tuple(sorted((one for one in found if one is not None), key=_place))

    def delete_landing_resource(self, cid: LandingCid) -> None:
        self._forget()
        self._made.clear()
        kind, _, id_ = cid.partition(":")
        if kind == layout.BUCKET:
            self._bucket.delete(id_)
            return
        if kind == layout.RECORD:
            self._records.delete(id_)
            return
        try:
            self._part(kind).delete(id_)
        except NotFoundError:
            return
        except ConflictError as error:
            raise self._explain(error, kind, id_) from error

    def public_endpoint(self, address: str, port: int) -> Endpoint:
        return Endpoint(host=address, port=port)

    def _part(self, kind: str) -> Part:
        if kind not in self._parts:
            raise NotFoundError(
                "unknown-landing-kind",
                f"AWS landing zones have no resource kind '{kind}'.",
                why=f"The kinds are {', '.join((*self._parts, layout.RECORD, layout.BUCKET))}.",
            )
        return self._parts[kind]

    def _find(self, part: Part, resource: LandingResource, owner: OwnerKey) -> Told | None:
        """Ours by kind and name; the first of twins, which only an answer lost at the worst moment could make."""
        query = OwnerQuery(environment=owner.environment, deployment="")
        wanted = {**resource_tags.query_filters(query, resource.kind), f"tag:{names.NAME_TAG}": resource.name}
        return min(part.find(wanted), key=lambda one: str(one[part.id_key]), default=None)

    def _make(self, part: Part, resource: LandingResource, owner: OwnerKey) -> Told:
        """A new one; or the one that was made here before and that AWS does not show yet."""
        key = (owner.environment, resource.kind, resource.name)
        if key not in self._made:
            self._made[key] = part.make(resource, owner)
        return self._made[key]

    def _address_of(self, resource: LandingResource, owner: OwnerKey) -> str:
        """The address that a name is for. Raises TransientError, code not-visible-yet."""
        address = LandingResource(kind=layout.ADDRESS, name=str(resource.properties["address"]))
        told = self._find(self._parts[layout.ADDRESS], address, owner)
        if told is None:
            raise TransientError(
                "not-visible-yet", f"AWS does not show '{address.name}' yet.", fix="No action needed: compleat retries."
            )
        return str(told["PublicIp"])

    def _find_bucket(self, environment: str) -> FoundLandingResource | None:
        try:
            return self._bucket.find(environment)
        except DeniedError:
            if self._config.bucket:
                raise
            return None  # without a bucket, no permission to look for one is needed

    def _explain(self, error: ConflictError, kind: str, id_: str) -> CloudError:
        """Used by a living VM, or by what is going away anyhow."""
        wanted = {layout.SUBNET: "subnet-id", layout.GROUP: "group-id"}
        if sdk.code_of(error) not in _USED:
            return error
        if kind == layout.INTERNET:
            return self._explain_gateway(error, id_)
        if kind == layout.ADDRESS:
            told = self._api.read("ec2", "DescribeAddresses", AllocationIds=[id_])["Addresses"]
            return self._judge_holders(error, {str(one.get("InstanceId", "")) for one in told})
        return self._judge(error, filters({wanted[kind]: id_})) if kind in wanted else error

    def _explain_gateway(self, error: ConflictError, id_: str) -> CloudError:
        told = self._api.read("ec2", "DescribeInternetGateways", InternetGatewayIds=[id_])["InternetGateways"]
        vpcs = [held["VpcId"] for one in told for held in one.get("Attachments", ())]
        return self._judge(error, filters({"vpc-id": tuple(vpcs)})) if vpcs else error

    def _judge(self, error: ConflictError, named: list[dict[str, object]]) -> CloudError:
        held = list(self._api.list_all("DescribeNetworkInterfaces", "NetworkInterfaces", Filters=named))
        loose = sorted(str(one["NetworkInterfaceId"]) for one in held if one.get("Status") == "available")
        if loose:
            return _in_use(loose, error)
        return self._judge_holders(error, {str(one.get("Attachment", {}).get("InstanceId", "")) for one in held})

    def _judge_holders(self, error: ConflictError, holders: set[str]) -> CloudError:
        living = [cid for cid in sorted(holders - {""}) if self._is_alive(cid)]
        if living:
            return _in_use(living, error)
        return TransientError(
            "landing-still-in-use",
            "The resources that used it are being deleted.",
            why=error.why,
            fix="No action needed: compleat retries.",
        )

    def _is_alive(self, cid: str) -> bool:
        try:
            self._instances.instance(VmCid(cid))
        except NotFoundError:
            return False
        return True


def _in_use(users: list[str], error: ConflictError) -> ConflictError:
    return ConflictError(
        "landing-in-use", f"{', '.join(users)} still uses it.", why=error.why, fix="Delete that first."
    )


def _parts(api: Api, config: AwsConfig) -> Mapping[str, Part]:
    """Every kind, in the order of making."""
    zone_api = ZoneApi(api=api)
    vpcs, addresses = Vpcs(zone_api), Addresses(zone_api, config.dns_names)
    gateways, subnets = Gateways(zone_api, vpcs), Subnets(zone_api, vpcs)
    nats, tables = NatGateways(zone_api, subnets, addresses), RouteTables(zone_api, vpcs, subnets)
    tables.targets = {
        layout.INTERNET: (gateways, "internet", "GatewayId"),
        layout.NAT: (nats, "nat-gateway", "NatGatewayId"),
    }
    return {
        layout.VPC: vpcs,
        layout.INTERNET: gateways,
        layout.SUBNET: subnets,
        layout.ADDRESS: addresses,
        layout.NAT: nats,
        layout.ROUTES: tables,
        layout.ENDPOINT: GatewayEndpoints(zone_api, vpcs, tables),
        layout.GROUP: SecurityGroups(zone_api, vpcs),
        layout.KEY: KeyPairs(zone_api),
    }


@dataclass(frozen=True, slots=True)
class _Order:
    """The order in which parts are made, so that the reverse can delete them."""

    kinds: tuple[str, ...]

    def place(self, kind: str) -> int:
        return self.kinds.index(kind)


_ORDER = _Order(
    (
        layout.VPC,
        layout.INTERNET,
        layout.SUBNET,
        layout.ADDRESS,
        layout.RECORD,
        layout.ROUTES,
        layout.NAT,
        layout.ENDPOINT,
        layout.GROUP,
        layout.KEY,
        layout.BUCKET,
    )
)


def _place(found: FoundLandingResource) -> tuple[int, str]:
    return _ORDER.place(found.kind), found.name


def _read(kind: str, part: Part, told: Told) -> FoundLandingResource | None:
    tags = resource_tags.read_tags(told.get("Tags", ()))
    owner = owner_tags.read_owner(tags)
    if owner is None:
        return None
    name = tags.get(names.NAME_TAG, "")
    return FoundLandingResource(
        cid=LandingCid(f"{kind}:{told[part.id_key]}"),
        kind=kind,
        name=name,
        owner=owner,
        outputs=part.outputs(name, told),
    )
