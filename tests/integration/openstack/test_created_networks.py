"""Managed networks on OpenStack: by the plugin, and by create_network and delete_network of BOSH's protocol."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from tests.contract.cloud.protocol import through_protocol
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.contract.cloud.test_managed_networks import *  # noqa: F403
from tests.contract.cloud.test_protocol import (
    test_a_network_is_created_once_holds_vms_and_is_deleted_whole as _check_network,
)
from tests.support.deaths import Deaths
from tests.support.openstack.project import Project
from tests.support.openstack.simulation import SETTINGS, ProjectApi
from tests.support.virtual_time import VirtualTime


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """The plugin on a stand-in for a project."""
    random = Random(1)
    api = ProjectApi(Project(random=random), deaths=Deaths(), time=VirtualTime(), random=random)
    prepared = prepare(connect_cloud(SETTINGS, ENVIRONMENT, api=api))
    return replace(prepared, vm_properties={"instance_type": "m1.small"})


def test_an_executable_creates_a_network_that_holds_vms(subject: Subject, tmp_path: Path) -> None:
    _check_network(through_protocol(subject, tmp_path), tmp_path)
