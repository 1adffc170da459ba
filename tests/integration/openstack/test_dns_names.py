"""DNS names of floating addresses: created by Neutron, or refused with an error if it does not create them."""

from collections.abc import Iterator
from typing import Any

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.landing import external_network
from cpi.clouds.openstack.wire import config
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, LandingSpec, OwnerKey
from tests.support.openstack.glance import Glance, glance

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox", "console"))


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        yield place


def test_a_name_comes_with_its_address(place: Glance) -> None:
    place.neutron.has_dns = True
    landing = _landing(place, jumpbox="jump.example.org")
    found = [landing.create_landing_resource(one, OWNER) for one in _addresses(landing)]
    assert [one.outputs for one in found] == [
        {"jumpbox_public_ip": "203.0.113.7", "jumpbox_public_host": "jump.example.org"},
        {"console_public_ip": "203.0.113.8", "console_public_host": "203.0.113.8"},
    ]
    asked = [{key: one.get(key) for key in ("dns_name", "dns_domain")} for one in place.addresses.values()]
    assert asked == [{"dns_name": "jump", "dns_domain": "example.org."}, {"dns_name": None, "dns_domain": None}]
    landing.delete_landing_resource(found[0].cid)
    assert len(place.addresses) == 1


def test_a_cloud_that_makes_no_names_says_so_before_anything_is_made(place: Glance) -> None:
    landing = _landing(place, jumpbox="jump.example.org")
    with pytest.raises(NotSupportedError, match="dns-names-not-supported"):
        external_network.require_dns(Api(config.read_config(place.settings())))
    with pytest.raises(NotSupportedError, match="dns-names-not-supported"):
        landing.create_landing_resource(_addresses(landing)[0], OWNER)
    assert place.addresses == {}


def test_what_is_no_name_or_for_no_address_is_refused(place: Glance) -> None:
    for name in ("jump", "Jump.example.org"):
        with pytest.raises(CloudError, match="cloud-config-invalid"):
            _landing(place, jumpbox=name)
    with pytest.raises(CloudError, match="dns-name-of-nothing"):
        _landing(place, web="web.example.org").landing_resources(SPEC)


def _landing(place: Glance, **names: str) -> Any:
    return connect_cloud(config.read_config({**place.settings(), "dns_names": names}), "env").landing


def _addresses(landing: Any) -> list[LandingResource]:
    return [one for one in landing.landing_resources(SPEC) if one.kind == "public_address"]
