"""In networks of the operator's own a landing zone has public addresses alone, and on Azure the resource group."""

import pytest

from cpi.clouds.aws.landing import layout as aws_layout
from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.wire import config as azure_config
from cpi.clouds.openstack.landing import layout as openstack_layout
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue, LandingResource, LandingSpec
from tests.unit.cpi.clouds.aws import requests as aws_requests
from tests.unit.cpi.clouds.openstack import requests as openstack_requests

NOTHING = LandingSpec(networks={}, public_names=())
ADDRESS = LandingSpec(networks={}, public_names=("jumpbox",))


def _azure(spec: LandingSpec, **more: str) -> list[tuple[str, str, tuple[str, ...]]]:
    written: dict[str, JsonValue] = {"subscription_id": "s", "location": "l", "credentials": {"kind": "cli"}, **more}
    return _shown(landing_bodies.landing_resources(spec, azure_config.read_config(written)))


def _shown(resources: tuple[LandingResource, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.kind, one.name, one.after) for one in resources]


@pytest.mark.parametrize(("spec", "made"), [(NOTHING, []), (ADDRESS, [("public_address", "jumpbox", ())])])
def test_nothing_else_is_made(spec: LandingSpec, made: list[tuple[str, str, tuple[str, ...]]]) -> None:
    settings = aws_requests.config(public_key="ssh-ed25519 AAAA k")
    assert _shown(aws_layout.landing_resources(spec, settings)) == made
    assert _shown(openstack_layout.write_resources(spec, openstack_requests.settings())) == made
    assert _azure(spec, resource_group_name="theirs") == made


def test_azure_needs_a_resource_group_for_vms() -> None:
    group = landing_bodies.group_resource()
    assert _azure(NOTHING) == [(group.kind, group.name, ())]
    assert _azure(ADDRESS) == [(group.kind, group.name, ()), ("public_address", "jumpbox", (group.name,))]


def test_a_private_network_that_no_landing_zone_has_is_refused() -> None:
    with pytest.raises(CloudError) as caught:
        aws_layout.landing_resources(NOTHING, aws_requests.config(private_networks=["deep"]))
    assert caught.value.code == "private-network-unknown"
