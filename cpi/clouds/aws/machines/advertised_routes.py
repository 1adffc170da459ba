"""Routes of a VPC's route tables that lead to a VM: set after its creation, deleted before it ends.

Takes routes by table and destination, changes route tables that somebody else made. A route of that destination is
pointed to the VM, as BOSH's CPI does; one that leads elsewhere by then is left alone.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import Route
from cpi.contract.errors import NotFoundError
from cpi.kit import judge


class AdvertisedRoutes:
    def __init__(self, api: Api) -> None:
        self._api = api

    def refusals(self, routes: Sequence[Route]) -> Iterator[NotFoundError]:
        """One for each route table that is not there."""
        for table in sorted({route.table_id for route in routes}):
            try:
                self._table(table)
            except NotFoundError as error:
                yield error

    def require(self, routes: Sequence[Route]) -> None:
        """Raises NotFoundError, code unknown-route-table."""
        for error in self.refusals(routes):
            raise error

    def lead(self, interface: str, routes: Sequence[Route]) -> None:
        """After: each destination leads to the interface. Led there before is success."""
        for route in routes:
            there = self._find(route)
            if there is not None and there.get("NetworkInterfaceId") == interface:
                continue
            operation = "CreateRoute" if there is None else "ReplaceRoute"
            self._api.change("ec2", operation, NetworkInterfaceId=interface, **_named(route))

    def withdraw(self, interfaces: Collection[str], routes: Sequence[Route]) -> None:
        """After: no destination leads to one of the interfaces. A table or route that is gone is success."""
        for route in routes:
            with contextlib.suppress(NotFoundError):
                there = self._find(route)
                if there is not None and there.get("NetworkInterfaceId") in interfaces:
                    self._api.change("ec2", "DeleteRoute", **_named(route))

    def _find(self, route: Route) -> Mapping[str, Any] | None:
        routes = self._table(route.table_id)["Routes"]
        return next((one for one in routes if one.get("DestinationCidrBlock") == route.destination), None)

    def _table(self, table: str) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._api.read("ec2", "DescribeRouteTables", RouteTableIds=[table])[
                "RouteTables"
            ][0]
        except NotFoundError as error:
            where = f"Region {self._api.region}"
            found = judge.unknown_name("route table", table, (), where=where, setting="advertised_routes")
            raise judge.missing(found, why=error.why) from error
        return answer


def _named(route: Route) -> dict[str, str]:
    return {"RouteTableId": route.table_id, "DestinationCidrBlock": route.destination}
