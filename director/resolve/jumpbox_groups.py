"""The manifest of the jumpboxes of several clouds: an instance group for each cloud with a way in.

Takes addresses, AZs and stemcells by cloud, gives operations on the manifest of one jumpbox.
"""

from collections.abc import Iterator, Mapping, Sequence

from director.model.environments.environment import StemcellThere, group_of_jumpbox
from director.model.secret_ref import Property

_LATEST = {"os": "linux", "version": "latest"}


def describe_groups(
    addresses: Mapping[str, str], azs: Mapping[str, str], stemcells: Sequence[StemcellThere]
) -> Iterator[Mapping[str, Property]]:
    """The manifest's group goes to the first cloud with an address and an AZ, each further cloud gets a group."""
    for number, (cloud, address) in enumerate(each for each in addresses.items() if each[0] in azs):
        is_first = number == 0
        group, alias = group_of_jumpbox(cloud, is_first=is_first), "default" if is_first else cloud
        stemcell = {"alias": alias, **_stemcell(stemcells, cloud)}
        instances = _instances(group, az=azs[cloud], stemcell=alias, address=address)
        for path, own, value in (
            ("/stemcells", "alias=default", stemcell),
            ("/instance_groups", f"name={group}", instances),
        ):
            yield {"type": "replace", "path": f"{path}/{own if is_first else '-'}", "value": value}


def _instances(group: str, *, az: str, stemcell: str, address: str) -> Mapping[str, Property]:
    """As the one in the manifest."""
    return {
        "name": group,
        "instances": 1,
        "azs": [az],
        "stemcell": stemcell,
        "vm_type": "default",
        "networks": [{"name": "default", "default": ["dns", "gateway"]}, {"name": "public", "static_ips": [address]}],
        "jobs": [],
        "update": {"serial": False},
    }


def _stemcell(stemcells: Sequence[StemcellThere], cloud: str) -> Mapping[str, Property]:
    """What the cloud has first: a jumpbox shares nothing with those of other clouds."""
    there = next((each for each in stemcells if each.cloud == cloud), None)
    return {"os": there.os, "version": there.version} if there else _LATEST
