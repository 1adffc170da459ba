"""PREFLIGHT: finds everything that AWS would refuse later; creates nothing.

Takes what a plan will ask for, gives findings: all of them, but for those that follow from unusable credentials.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from cpi.clouds.aws.images import stemcells, uploads
from cpi.clouds.aws.images.image_sources import ImageSources
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.landing.dns_records import Records
from cpi.clouds.aws.machines import instance_profiles, networks
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.preflight import quotas, unused_settings
from cpi.clouds.aws.preflight.landing_checks import LandingChecks
from cpi.clouds.aws.preflight.plan_checks import PlanChecks
from cpi.clouds.aws.wire import permissions, resource_tags
from cpi.clouds.aws.wire.api import Api, CallerIdentity
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.values import ENVIRONMENT_ITSELF, Finding, OwnerKey, PreflightRequest, QuotaNeed, StemcellRequest
from cpi.kit import disk_image, judge, network_interfaces, tag_limits
from cpi.kit.judge import ImageFacts

_MOST_SKEW_S = 240.0
"""AWS refuses signatures older than five minutes."""
_ANYONE = OwnerKey(environment="", deployment=ENVIRONMENT_ITSELF, action="")


class AwsPreflight:
    """Implements Preflight of cpi.contract.cloud."""

    def __init__(self, api: Api, config: AwsConfig, *, places: Lookups, bucket: Bucket, records: Records) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._sources = ImageSources(api)
        self._landing = LandingChecks(api, config, places=places, bucket=bucket)
        self._records = records

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        if request.is_only_of_tags():
            return tag_limits.findings(request, resource_tags.LIMITS)
        try:
            identity = self._api.identity()
        except CloudError as error:
            return (Finding.of(error),)
        plan = PlanChecks(self._api, self._config, places=self._places, request=request)
        checks: tuple[Callable[[], Iterable[Finding]], ...] = (
            lambda: _judge_identity(identity),
            lambda: self._permissions(identity, request),
            lambda: unused_settings.of_settings(self._config),
            lambda: judge.ignored_properties(request, unused_settings.MODELS, cloud="AWS"),
            self._zones,
            lambda: self._stemcells(request),
            lambda: network_interfaces.findings(request.vms, networks.INTERFACES),
            plan.vms,
            lambda: instance_profiles.findings(self._api, identity.arn, plan.profiles()),
            plan.disks,
            plan.types,
            plan.vcpus,
            plan.addresses,
            plan.inbound,
            lambda: self._landing.findings(request.landing),
            lambda: tag_limits.findings(request, resource_tags.LIMITS),
            lambda: self._records.judge() if request.landing or not request.vms else (),
        )
        return judge.asked_for(request, judge.all_of(checks))

    def request_quota(self, need: QuotaNeed) -> str:
        try:
            answer = self._api.change(
                "service-quotas",
                "RequestServiceQuotaIncrease",
                ServiceCode=quotas.service_of(need.name),
                QuotaCode=need.name,
                DesiredValue=float(need.needed),
            )
        except ConflictError as error:
            raise ConflictError(
                "quota-already-requested",
                f"An increase of quota {need.name} was already requested.",
                why=error.why,
                fix="Wait for AWS's answer, which Service Quotas in AWS's console shows.",
            ) from error
        return str(answer["RequestedQuota"]["Id"])

    def _permissions(self, identity: CallerIdentity, request: PreflightRequest) -> Iterator[Finding]:
        actions = permissions.needed(self._config, request)
        lacking = permissions.denied(self._api, identity.arn, actions)
        why = "AWS's own evaluation of its policies says so."
        yield from judge.permissions(lacking, who=identity.arn, why=why, fix=permissions.remedy(lacking))

    def _zones(self) -> Iterator[Finding]:
        answer = self._api.read("ec2", "DescribeAvailabilityZones")["AvailabilityZones"]
        there = {str(one["ZoneName"]) for one in answer if one.get("State") == "available"}
        for zone in self._config.zone_names():
            if zone not in there:
                yield judge.unknown_name("zone", zone, there, where=f"Region {self._config.region}", setting="`zones`")

    def _stemcells(self, request: PreflightRequest) -> Iterator[Finding]:
        wanted = request.stemcells
        if not wanted and not request.vms:
            usual = self._config.stemcell()
            wanted = (StemcellRequest(owner=_ANYONE, os=usual.os, version=usual.version),)
        yield from judge.all_of(partial(self._stemcell, one) for one in wanted)

    def _stemcell(self, request: StemcellRequest) -> Iterator[Finding]:
        properties = stemcells.read_stemcell_properties(request, self._config)
        path = stemcells.path_of(request, properties, self._config)
        if path:
            disk_image.glance_at(path, uploads.ACCEPTED, cloud=uploads.CLOUD)
            return
        if request.source is not None and request.source.origin != "image":
            facts = self._sources.facts(request.source)
        else:
            image = self._places.find_image(properties, os=request.os, version=request.version)
            facts = ImageFacts(name=f"Image '{image.id}'", architecture=image.architecture)
        yield from judge.image_architecture(facts, properties.architecture or self._config.architecture)


def _judge_identity(identity: CallerIdentity) -> Iterator[Finding]:
    yield from judge.clock(-identity.ahead_s, cloud="AWS", most_s=_MOST_SKEW_S, is_fatal=True)
    fix = "Get new ones before (for single sign-on: `aws sso login`)."
    yield from judge.expiry(identity.left_s, cloud="AWS", soon_s=judge.RUN_S, fix=fix)
