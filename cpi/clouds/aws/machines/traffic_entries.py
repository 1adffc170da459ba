"""What beside EC2 leads to a VM: classic load balancers, target groups, routes; entered, and removed before it ends.

Takes a VM's cloud properties, gives what to enter; the VM's tags keep it for the day that it goes.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cpi.clouds.aws.machines.advertised_routes import AdvertisedRoutes
from cpi.clouds.aws.machines.classic_balancers import ClassicBalancers
from cpi.clouds.aws.machines.target_groups import TargetGroups
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import Route, VmProperties
from cpi.contract.errors import NotFoundError
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficEntries:
    """Names of classic load balancers and of target groups, and routes."""

    balancers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()

    def without_groups(self, names: Collection[str]) -> "TrafficEntries":
        """The same without these target groups."""
        return replace(self, groups=tuple(name for name in self.groups if name not in names))

    def has_any(self) -> bool:
        """Whether there is anything to enter."""
        return bool(self.balancers or self.groups or self.routes)


def of_properties(properties: VmProperties) -> TrafficEntries:
    """What a VM is to be entered in."""
    return TrafficEntries(
        balancers=properties.elbs, groups=properties.lb_target_groups, routes=properties.advertised_routes
    )


def write_tags(properties: VmProperties) -> dict[str, str]:
    """Tags of the VM, none where there is nothing to enter."""
    wanted = of_properties(properties)
    if not wanted.has_any():
        return {}
    routes = [[route.table_id, route.destination] for route in wanted.routes]
    document = json.dumps([list(wanted.balancers), list(wanted.groups), routes], separators=(",", ":"))
    return resource_tags.write_document(names.REGISTRATIONS_TAG, document)


def read_tags(tags: Mapping[str, str]) -> TrafficEntries:
    """From the tags of a VM."""
    document = resource_tags.read_document(names.REGISTRATIONS_TAG, tags)
    if not document:
        return TrafficEntries()
    balancers, groups, routes = json.loads(document)
    return TrafficEntries(
        balancers=tuple(balancers),
        groups=tuple(groups),
        routes=tuple(Route(table_id=table, destination=destination) for table, destination in routes),
    )


class Registrar:
    """Enters VMs, and removes them."""

    def __init__(self, api: Api) -> None:
        self._balancers = ClassicBalancers(api)
        self._groups = TargetGroups(api)
        self._routes = AdvertisedRoutes(api)

    def refusals(self, wanted: Sequence[TrafficEntries]) -> Iterator[NotFoundError]:
        """One for each thing that is not there, of all VMs of a plan."""
        yield from self._balancers.refusals(sorted({name for one in wanted for name in one.balancers}))
        yield from self._groups.refusals(sorted({name for one in wanted for name in one.groups}))
        yield from self._routes.refusals([route for one in wanted for route in one.routes])

    def require(self, wanted: TrafficEntries) -> None:
        """Raises NotFoundError: unknown-load-balancer, unknown-target-group, unknown-route-table."""
        for error in self.refusals([wanted]):
            raise error

    def enter(self, answer: Mapping[str, Any], wanted: TrafficEntries) -> None:
        """Entered before is success. Raises TransientError while the instance does not run yet."""
        cid = str(answer["InstanceId"])
        if wanted.routes:
            self._routes.lead(str(answer["NetworkInterfaces"][0]["NetworkInterfaceId"]), wanted.routes)
        self._groups.register(cid, self._groups.arns(wanted.groups))
        self._balancers.register(cid, wanted.balancers)

    def remove(self, answer: Mapping[str, Any]) -> None:
        """Not entered is success."""
        cid, wanted = str(answer["InstanceId"]), read_tags(resource_tags.read_tags(answer.get("Tags", ())))
        self._balancers.deregister(cid, wanted.balancers)
        self._groups.deregister(cid, wanted.groups)
        interfaces = {str(one["NetworkInterfaceId"]) for one in answer.get("NetworkInterfaces", ())}
        self._routes.withdraw(interfaces, wanted.routes)
