"""A landing zone whose making ended in the middle of a part that takes several calls: the next `up` completes it."""

from pathlib import Path

import pytest

from cpi.contract.errors import CloudError, ExplainedError
from director.app.landing import landing_zones
from tests.support import planted_files
from tests.support.aws import back
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule
from tests.support.callers import calling


@pytest.mark.parametrize("operation", ["AttachInternetGateway", "CreateRoute", "AuthorizeSecurityGroupIngress"])
def test_what_was_left_half_made_is_completed(emulator: Emulator, tmp_path: Path, operation: str) -> None:
    planted_files.healthy("aws", emulator.settings()).write(tmp_path)
    emulator.faults.add(Rule(action=operation, code="UnauthorizedOperation", status=403))
    with planted_files.opened(tmp_path) as session:
        with pytest.raises((CloudError, ExplainedError)):
            landing_zones.create_environment(session, caller=calling("up"))
        environment = landing_zones.create_environment(session, caller=calling("up"))
        assert _lacks() == []
        calls = len(emulator.calls())
        landing_zones.create_environment(session, caller=calling("up"))
        assert {
            call for call in emulator.calls()[calls:] if not call.startswith(("Describe", "Get", "HEAD", "GET"))
        } == set()
    assert len({(one.kind, one.name) for one in environment.landing}) == len(environment.landing)


def _lacks() -> list[str]:
    """What VMs would miss, by moto's word."""
    (table,) = [one for one in back.ec2().route_tables.values() if not one.main_association_id]
    (gateway,) = back.ec2().internet_gateways.values()
    groups = {one.name: len(one.ingress_rules) for one in back.security_groups() if one.name != "default"}
    lacking = [] if any(route.destination_cidr_block == "0.0.0.0/0" for route in table.routes) else ["default route"]
    lacking += [] if gateway.vpc else ["attachment"]
    return lacking + [f"rules of {name}" for name, count in groups.items() if not count]
