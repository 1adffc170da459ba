"""An OpenStack of a test's own, with all services that a landing zone and its VMs need."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.openstack.glance import Glance, glance

IMAGE = "00000000-0000-4000-8000-000000000001"
SERVICES = ("image", "network", "object-store", "load-balancer", "compute", "volumev3")


@pytest.fixture(name="whole")
def _whole() -> Iterator[Glance]:
    with glance() as place:
        place.services = SERVICES
        place.images[IMAGE] = {"id": IMAGE, "name": "debian-12", "status": "active", "architecture": "x86_64"}
        yield place


@pytest.fixture
def subject(whole: Glance) -> Subject:
    """For the contract suite."""
    subject = prepare(connect_cloud(config.read_config(whole.settings()), ENVIRONMENT))
    return replace(subject, vm_properties={"instance_type": "m1.small"}, landed_network="main-subnet")
