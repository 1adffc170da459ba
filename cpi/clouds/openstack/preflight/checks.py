"""PREFLIGHT: finds everything that OpenStack would refuse later; creates nothing.

Takes what a plan will ask for, gives findings: all of them, but for those that follow from unusable credentials.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.openstack.images import images, stemcells
from cpi.clouds.openstack.images.images import Images
from cpi.clouds.openstack.images.sourced_images import SourcedImages
from cpi.clouds.openstack.landing import balancer_layout, external_network, layout
from cpi.clouds.openstack.landing.landing_zone import OpenStackLanding
from cpi.clouds.openstack.machines import networks
from cpi.clouds.openstack.machines.balancer_calls import SERVICE
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.preflight import balancer_quotas, quotas, unused_settings
from cpi.clouds.openstack.preflight.plan_checks import PlanChecks
from cpi.clouds.openstack.preflight.quotas import LimitUse
from cpi.clouds.openstack.wire import keystone_tokens, neutron_tags, resource_tags
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError, DeniedError, NotFoundError, NotSupportedError
from cpi.contract.values import ENVIRONMENT_ITSELF, Finding, OwnerKey, PreflightRequest, QuotaNeed, StemcellRequest
from cpi.kit import blob_accounts, disk_image, judge, network_interfaces, tag_limits
from cpi.kit.ranges import Range

_WITHOUT = {
    "object": ", or remove `container` there and storage accounts from the template.",
    SERVICE: ", or remove load balancers from the template.",
}
_MOST_SKEW_S = 300.0
_ANYONE = OwnerKey(environment="", deployment=ENVIRONMENT_ITSELF, action="")
_UNITS = {
    layout.ROUTER: "router",
    layout.NETWORK: "network",
    layout.SUBNET: "subnet",
    layout.GROUP: "security_group",
    layout.ADDRESS: "floatingip",
}


class OpenStackPreflight:
    """Implements Preflight of cpi.contract.cloud."""

    def __init__(
        self, api: Api, config: OpenStackConfig, *, places: Lookups, landing: OpenStackLanding, images: Images
    ) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._landing = landing
        self._images = images
        self._sourced = SourcedImages(api, config)

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        if request.is_only_of_tags():
            return tag_limits.findings(request, resource_tags.LIMITS)
        try:
            self._api.sign_in()
        except CloudError as error:
            return (Finding.of(error),)
        plan = PlanChecks(self._api, self._config, places=self._places, request=request, images=self._images)
        checks: tuple[Callable[[], Iterable[Finding]], ...] = (
            self._clock,
            self._login,
            lambda: self._services(request),
            self._tagging,
            lambda: unused_settings.of_settings(self._config),
            lambda: judge.ignored_properties(request, unused_settings.MODELS, cloud="OpenStack"),
            lambda: self._external(request),
            lambda: self._dns(request),
            lambda: judge.each(request.landing, self._landing.require_name),
            lambda: self._ranges(request),
            lambda: self._stemcells(request),
            lambda: tag_limits.findings(request, resource_tags.LIMITS),
            lambda: network_interfaces.findings(request.vms, networks.INTERFACES),
            plan.vms,
            plan.disks,
            plan.addresses,
            plan.inbound,
            lambda: quotas.judge(self._compute(plan), self._config.region),
            lambda: quotas.judge(self._volumes(plan), self._config.region),
            lambda: quotas.judge(self._network(plan, request), self._config.region),
            lambda: quotas.judge(balancer_quotas.uses(self._api, request), self._config.region),
        )
        return judge.asked_for(request, judge.all_of(checks))

    def request_quota(self, need: QuotaNeed) -> str:
        raise NotSupportedError(
            "quota-not-asked-for",
            "OpenStack has no API to request a larger quota.",
            why="The cloud's operator sets quotas.",
            fix=f"Ask the operator: `openstack quota set --{need.name} {need.needed} PROJECT`.",
        )

    def _clock(self) -> Iterator[Finding]:
        yield from judge.clock(-self._api.ahead_s(), cloud="OpenStack", most_s=_MOST_SKEW_S, is_fatal=False)

    def _login(self) -> Iterator[Finding]:
        login = self._api.login()
        if login is None:
            return
        yield from keystone_tokens.judge_roles(login)
        with contextlib.suppress(DeniedError, NotFoundError):
            expires = keystone_tokens.read_expiry(self._api.read("identity", login.path()))
            left_s = keystone_tokens.left_s(expires, now_s=self._api.now_s())
            fix = "Change the password, or make a new one: `openstack application credential create NAME`."
            # Keystone let it in: it lives still, whatever this machine's clock says.
            left_s = None if left_s is None else max(left_s, 1.0)
            yield from judge.expiry(left_s, cloud="OpenStack", soon_s=judge.WEEK_S, fix=fix)

    def _services(self, request: PreflightRequest) -> Iterator[Finding]:
        has_accounts = any(one.kind == blob_accounts.ACCOUNT for one in request.landing)
        stored = ("object",) if self._config.container or has_accounts else ()
        has_balancers = any(one.kind == balancer_layout.BALANCER for one in request.landing)
        wanted = ("compute", "network", "image", "volume", *stored, *((SERVICE,) if has_balancers else ()))
        for service in wanted:
            if not self._api.has_service(service):
                yield Finding(
                    code="service-missing",
                    what=f"OpenStack's catalogue has no {service} service here.",
                    why=f"It was looked up in region '{self._config.region}'.",
                    fix="Correct region and endpoint_type in the environment's file" + _WITHOUT.get(service, "."),
                )

    def _tagging(self) -> Iterator[Finding]:
        """Asked only for an environment that has tags."""
        if not self._api.tags:
            return
        try:
            self._api.read("network", f"/extensions/{neutron_tags.EXTENSION}")
        except NotFoundError as error:
            yield Finding(
                code="tags-not-supported",
                what="This OpenStack does not support tags on networks.",
                why=f"Neutron has no extension {neutron_tags.EXTENSION}. {error.why}".strip(),
                fix="Remove `tags` from the environment's file, or ask the operator for a newer Neutron.",
            )

    def _external(self, request: PreflightRequest) -> Iterator[Finding]:
        """A remark where nothing is requested yet: an environment in networks of the operator's own needs none."""
        if request.vms and not request.landing:
            return
        try:
            external_network.find_external(self._api, self._config)
        except CloudError as error:
            yield replace(Finding.of(error), is_fatal=bool(request.landing))

    def _dns(self, request: PreflightRequest) -> Iterator[Finding]:
        if self._config.dns_names and (request.landing or not request.vms):
            external_network.require_dns(self._api)
        yield from ()

    def _ranges(self, request: PreflightRequest) -> Iterator[Finding]:
        """Our router joins the landing zone's subnets and the external network, whose own not every user sees."""
        asked = [one for one in request.landing if one.kind == layout.SUBNET]
        if not asked:
            return
        usable, invalid = judge.readable(asked, layout.require_range)
        yield from invalid
        new = [Range(name=f"network '{one.properties['network']}'", cidr=str(one.properties["cidr"])) for one in usable]
        outside: Mapping[str, Any] | None = None
        with contextlib.suppress(CloudError):  # `_external` reports it
            outside = external_network.find_external(self._api, self._config)
        yield from judge.overlaps(new, self._ranges_of(outside) if outside else [])

    def _ranges_of(self, outside: Mapping[str, Any]) -> list[Range]:
        known = self._api.list_all("network", "/subnets", "subnets", network_id=str(outside["id"]))
        return [Range(name=f"external network '{outside['name']}'", cidr=str(one["cidr"])) for one in known]

    def _stemcells(self, request: PreflightRequest) -> Iterator[Finding]:
        about = self._config.stemcell()
        usual = StemcellRequest(owner=_ANYONE, os=about.os, version=about.version)
        wanted = request.stemcells or (() if request.vms else (usual,))
        yield from judge.each(wanted, self._stemcell)

    def _stemcell(self, request: StemcellRequest) -> None:
        properties = stemcells.read_stemcell_properties(request)
        if request.source is not None and request.source.origin != "image":
            self._sourced.require(request.source)
            return
        path = stemcells.path_of(request, properties, self._config)
        if path:
            disk_image.glance_at(path, images.ACCEPTED, cloud=images.CLOUD)
        else:
            self._images.choose(request, properties)

    def _compute(self, plan: PlanChecks) -> Iterator[LimitUse]:
        limits = self._api.read("compute", "/limits")["limits"]["absolute"]
        asked, freed = plan.sizes(), plan.leaving_sizes()
        for name, used, unit in (
            ("instances", "totalInstancesUsed", "servers"),
            ("cores", "totalCoresUsed", "CPUs"),
            ("ram", "totalRAMUsed", "MiB of memory"),
        ):
            key = {"instances": "maxTotalInstances", "cores": "maxTotalCores", "ram": "maxTotalRAMSize"}[name]
            yield LimitUse(
                name=name,
                unit=unit,
                used=int(limits[used]),
                limit=int(limits[key]),
                asked=asked[name],
                freed=freed[name],
                names=plan.counted_names(),
            )

    def _volumes(self, plan: PlanChecks) -> Iterator[LimitUse]:
        limits = self._api.read("volume", "/limits")["limits"]["absolute"]
        asked, asked_gib = plan.volumes()
        freed, freed_gib = plan.leaving_volumes() if asked else (0, 0)
        yield LimitUse(
            name="volumes",
            unit="volumes",
            used=int(limits["totalVolumesUsed"]),
            limit=int(limits["maxTotalVolumes"]),
            asked=asked,
            freed=freed,
            names=plan.counted_names(),
        )
        yield LimitUse(
            name="gigabytes",
            unit="GiB of volumes",
            used=int(limits["totalGigabytesUsed"]),
            limit=int(limits["maxTotalVolumeGigabytes"]),
            asked=asked_gib,
            freed=freed_gib,
            names=plan.counted_names(),
        )

    def _network(self, plan: PlanChecks, request: PreflightRequest) -> Iterator[LimitUse]:
        there = {(one.kind, one.name) for one in self._landing.find_landing_resources(self._places.environment)}
        missing = Counter(one.kind for one in request.landing if (one.kind, one.name) not in there)
        asked = {_UNITS[kind]: count for kind, count in missing.items() if kind in _UNITS}
        asked["port"] = plan.ports() + asked.get("subnet", 0) * 2 + missing[balancer_layout.BALANCER]
        answer = self._api.read("network", f"/quotas/{self._api.project()}/details")["quota"]
        for name, count in sorted(asked.items()):
            words = {"security_group": "secgroups", "floatingip": "floating-ips"}
            yield LimitUse(
                name=words.get(name, f"{name}s"),
                unit=f"{name.replace('_', ' ')}s",
                used=int(answer[name]["used"]) + int(answer[name].get("reserved", 0)),
                limit=int(answer[name]["limit"]),
                asked=count,
                freed=plan.leaving_ports() if name == "port" else 0,
                names=plan.counted_names() if name == "port" else _landed(request, name),
            )


def _landed(request: PreflightRequest, unit: str) -> tuple[str, ...]:
    """The names of what is counted as this unit in a landing zone."""
    return tuple(one.name for one in request.landing if _UNITS.get(one.kind) == unit)
