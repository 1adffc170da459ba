"""The stemcell formats of our own plugins, so that `info` is answered before any SDK is imported.

Takes a plugin's name, gives formats. The contract suite holds each plugin's own `info` against this table.
"""

from collections.abc import Mapping

FORMATS: Mapping[str, tuple[str, ...]] = {
    "aws": ("aws-light", "aws-raw"),
    "azure": ("azure-light", "azure-vhd"),
    "local": ("compleat-host",),
    "memory": ("memory-light",),
    "openstack": ("openstack-light", "openstack-raw", "openstack-qcow2"),
}
API_VERSION = 2
