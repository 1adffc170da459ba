"""The part of a landing zone that Nova keeps: the key pair, whose name says whose it is.

Takes resources and owners, changes Nova; order and completion are in cpi.kit.landing.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit.landing import Part, PartFound


class NovaKeyPairs(Part):
    cloud = "OpenStack"
    kind = layout.KEY

    def __init__(self, api: Api) -> None:
        self._api = api

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        listed = self._api.list_all("compute", "/os-keypairs", "keypairs")
        return named(layout.KEY, (str(one["keypair"]["name"]) for one in listed), environment)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        name = names.key_pair_name(owner.environment, owner.action)
        body = {"keypair": {"name": name, "public_key": resource.properties["public_key"]}}
        self._api.post("compute", "/os-keypairs", body)
        return PartFound(id=name, name=resource.name, owner=owner)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"key_name": found.id}

    def delete(self, id_: str) -> None:
        self._api.delete("compute", f"/os-keypairs/{quote(id_)}")


def named(kind: str, listed: Iterable[str], environment: str) -> Iterator[PartFound]:
    """The environment's, of a kind whose names say whose they are."""
    for name in listed:
        owner = names.read_key_pair_name(name)
        if owner is not None and owner.environment == environment:
            yield PartFound(id=name, name=layout.NAMED[kind], owner=owner)
