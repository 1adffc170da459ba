"""A VM's network settings are read back as they were written, also from lists that earlier versions wrote."""

import json

from cpi.contract.values import NetworkKind, NetworkSettings
from cpi.kit import network_settings

SETTINGS = NetworkSettings(
    name="default",
    kind=NetworkKind.MANUAL,
    ip="10.0.0.5",
    prefix=24,
    gateway="10.0.0.1",
    dns=("9.9.9.9",),
    defaults=("dns", "gateway"),
    cloud_properties={"subnet": "s"},
)
WRITTEN = '["default", "manual", "10.0.0.5", 24, "10.0.0.1", ["9.9.9.9"], ["dns", "gateway"], {"subnet": "s"}]'


def test_the_list_has_the_order_that_vms_of_earlier_versions_have() -> None:
    assert network_settings.write_network(SETTINGS) == json.loads(WRITTEN)
    assert network_settings.read_network(json.loads(WRITTEN)) == SETTINGS
