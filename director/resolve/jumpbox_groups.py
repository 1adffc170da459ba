"""Where jumpboxes are placed, and their manifest: an instance group for each cloud with a jumpbox.

Takes a cloud config, what the environment file says, addresses and stemcells; gives places, and operations on the
manifest of one jumpbox.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.environments.environment import JUMPBOX, StemcellThere, group_of_jumpbox
from director.model.secret_ref import Property
from director.model.written.cloud_config import CloudConfig, WrittenNetwork
from director.model.written.environment_file import WrittenJumpbox

_LATEST = {"os": "linux", "version": "latest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpboxPlace:
    """Names of the cloud config. Without a `vip_network` the jumpbox has no public address."""

    network: str
    vip_network: str | None
    vm_type: str
    az: str | None


USUAL_PLACE = JumpboxPlace(network="default", vip_network="public", vm_type="default", az="z1")
"""What the manifest that ships with us names."""


def find_place(config: CloudConfig, written: WrittenJumpbox, *, cloud: str | None) -> JumpboxPlace | None:
    """The place on a cloud (None: the only one): as the file says, else the usual one, else the first that fits.

    None if no AZ of the cloud config is on that cloud. Raises InputError, code `jumpbox-network-missing`.
    """
    azs = [az.name for az in config.azs if cloud is None or az.cpi == cloud]
    if cloud is not None and not azs:
        return None
    is_elsewhere = written.az not in azs and written.az in [az.name for az in config.azs]
    az = _choose(azs, str, USUAL_PLACE.az) if written.az is None or is_elsewhere else written.az
    inner = [one for one in config.networks if one.type != "vip" and _is_in(one, az)]
    outer = [one for one in config.networks if one.type == "vip"]
    network = written.network or _choose(inner, lambda one: one.name, USUAL_PLACE.network)
    vip_network = None
    if written.access == "public":
        vip_network = written.vip_network or _choose(outer, lambda one: one.name, USUAL_PLACE.vip_network)
        if vip_network is None:
            fix = "Add `- {name: public, type: vip}` to its networks, or set `jumpbox: private`"
            raise _network_missing("vip ", fix)
    if network is None:
        raise _network_missing("", f"Add a network with a subnet in AZ {az}" if az else "Add a network")
    vm_type = written.vm_type or _choose(config.vm_types, lambda one: one.name, USUAL_PLACE.vm_type)
    return JumpboxPlace(network=network, vip_network=vip_network, vm_type=vm_type or "default", az=az)


def unknown_places(config: CloudConfig, written: WrittenJumpbox, where: Callable[[str], str]) -> Iterator[InputError]:
    """What the file names and the cloud config does not have; `where` gives the place of a key.

    Codes: unknown-network, unknown-vm-type, unknown-az.
    """
    inner = [one.name for one in config.networks if one.type != "vip"]
    outer = [one.name for one in config.networks if one.type == "vip"]
    types, azs = [one.name for one in config.vm_types], [one.name for one in config.azs]
    if written.network not in (None, *inner):
        yield _unknown_place("unknown-network", "network", written.network, known=inner, where=where)
    if written.vip_network not in (None, *outer):
        yield _unknown_place("unknown-network", "vip_network", written.vip_network, known=outer, where=where)
    if written.vm_type not in (None, *types):
        yield _unknown_place("unknown-vm-type", "vm_type", written.vm_type, known=types, where=where)
    if written.az not in (None, *azs):
        yield _unknown_place("unknown-az", "az", written.az, known=azs, where=where)


_KINDS = {"network": "network", "vip_network": "vip network", "vm_type": "VM type", "az": "AZ"}


def _unknown_place(
    code: str, key: str, name: str | None, *, known: Sequence[str], where: Callable[[str], str]
) -> InputError:
    return InputError(
        code,
        f"'{key}' of 'jumpbox' is '{name}', which is no {_KINDS[key]} of the cloud config.",
        why=f"It has {', '.join(map(repr, known)) or 'none'}.",
        fix="Name one that exists, or add it to the cloud config.",
        where=where(key),
    )


def describe_group(place: JumpboxPlace) -> Mapping[str, Property]:
    """The operation that puts the manifest's group there."""
    group = _instances(JUMPBOX, place, stemcell="default", address="((jumpbox_public_ip))")
    return {"type": "replace", "path": f"/instance_groups/name={JUMPBOX}", "value": group}


def describe_groups(
    places: Mapping[str, JumpboxPlace], addresses: Mapping[str, str], stemcells: Sequence[StemcellThere]
) -> Iterator[Mapping[str, Property]]:
    """With several clouds, the manifest's group goes to the first one with a place, each further one gets a group."""
    for number, (cloud, place) in enumerate(places.items()):
        is_first = number == 0
        group, alias = group_of_jumpbox(cloud, is_first=is_first), "default" if is_first else cloud
        stemcell = {"alias": alias, **_stemcell(stemcells, cloud)}
        instances = _instances(group, place, stemcell=alias, address=addresses.get(cloud, ""))
        for path, own, value in (
            ("/stemcells", "alias=default", stemcell),
            ("/instance_groups", f"name={group}", instances),
        ):
            yield {"type": "replace", "path": f"{path}/{own if is_first else '-'}", "value": value}


def _choose(found: Iterable[object], name_of: Callable[..., str], usual: str | None) -> str | None:
    names = [name_of(one) for one in found]
    return usual if usual in names else next(iter(names), None)


def _is_in(network: WrittenNetwork, az: str | None) -> bool:
    """Whether VMs of the AZ can be on the network."""
    subnets = [(subnet.az, *(subnet.azs or ())) for subnet in network.subnets]
    return az is None or not subnets or any(set(azs) == {None} or az in azs for azs in subnets)


def _network_missing(kind: str, fix: str) -> InputError:
    return InputError(
        "jumpbox-network-missing",
        f"The cloud config has no {kind}network for the jumpbox.",
        why="VMs are reached through a jumpbox; it has a public address unless the environment file says otherwise.",
        fix=f"{fix}.",
    )


def _instances(group: str, place: JumpboxPlace, *, stemcell: str, address: str) -> Mapping[str, Property]:
    """As the one in the manifest."""
    networks: list[Property] = [{"name": place.network, "default": ["dns", "gateway"]}]
    if place.vip_network is not None:
        networks.append({"name": place.vip_network, "static_ips": [address]})
    return {
        "name": group,
        "instances": 1,
        **({"azs": [place.az]} if place.az else {}),
        "stemcell": stemcell,
        "vm_type": place.vm_type,
        "networks": networks,
        "jobs": [],
        "update": {"serial": False},
    }


def _stemcell(stemcells: Sequence[StemcellThere], cloud: str) -> Mapping[str, Property]:
    """What the cloud has first: a jumpbox shares nothing with those of other clouds."""
    there = next((each for each in stemcells if each.cloud == cloud and not each.name), None)
    return {"os": there.os, "version": there.version} if there else _LATEST
