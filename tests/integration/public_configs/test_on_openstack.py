"""Public cloud configs for OpenStack as they are: each property is read and acts; pools of Octavia among them.

Nothing is asked of an OpenStack here: its answers are canned, and it has what is named.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.machines import vms
from cpi.clouds.openstack.wire.config import NetworkProperties, read_properties
from tests.support import public_cloud_configs
from tests.support.public_cloud_configs import PublicCloudConfig
from tests.unit.cpi.clouds.openstack.canned import STEMCELL, CannedApi
from tests.unit.cpi.clouds.openstack.requests import OWNER, settings, vm_request

CONFIGS = public_cloud_configs.read_all("openstack")
pytestmark = pytest.mark.skipif(not CONFIGS, reason="the folder of public cloud configs is not beside the project")


@pytest.mark.parametrize("config", CONFIGS, ids=[config.name for config in CONFIGS])
def test_each_property_of_a_public_cloud_config_is_read(config: PublicCloudConfig) -> None:
    for subnet in config.subnets():
        assert read_properties(NetworkProperties, subnet["cloud_properties"], where="a network").net_id
    for properties in _merged(config):
        read = vms.read_vm_properties(vm_request(**properties))
        assert read.model_fields_set >= properties.keys()


def test_a_router_of_cloud_foundry_joins_all_of_its_pools() -> None:
    config = next((one for one in CONFIGS if "cf-deployment" in one.name), None)
    assert config is not None
    properties = next(one for one in _merged(config) if len(one.get("loadbalancer_pools", ())) > 1)
    api = CannedApi(settings())
    allowed = {**properties, "instance_type": "m1.small", "security_groups": ["one"]}
    cloud = connect_cloud(settings(), OWNER.environment, api=api).cloud
    cloud.create_vm(replace(vm_request(**allowed), stemcell_cid=STEMCELL))
    joined = [str(body["member"]["protocol_port"]) for path, body in _calls(api) if path.endswith("/members")]
    server = next(body["server"] for path, body in _calls(api) if path == "POST /servers")
    kept = [value for key, value in sorted(server["metadata"].items()) if key.startswith("compleat-pool")]
    assert joined == [str(1024 + number) for number in range(10)]
    assert kept == [f"pool-cf-tcp-pool-{port}:{port}" for port in joined]


def _calls(api: CannedApi) -> list[tuple[str, Any]]:
    return list(api.calls)


def _merged(config: PublicCloudConfig) -> list[Mapping[str, Any]]:
    """The properties of a VM of each type in each AZ, and with each extension."""
    azs = list(config.properties("azs")) or [{}]
    types = [one for one in config.properties("vm_types") if one]
    plain = [{**az, **vm_type} for az in azs for vm_type in types]
    return [*plain, *({**azs[0], **types[0], **extension} for extension in config.properties("vm_extensions"))]
