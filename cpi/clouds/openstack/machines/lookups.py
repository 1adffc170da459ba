"""What the cloud has that a VM names: networks, security groups, flavours, images. Asked once and kept.

Takes names and ids, gives what Neutron, Nova and Glance said of them.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.machines import networks, vms
from cpi.clouds.openstack.machines.networks import PortRequest
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig, VmProperties
from cpi.contract.errors import NotFoundError
from cpi.contract.values import StemcellCid, VmRequest
from cpi.kit import judge
from cpi.kit import tags as owner_tags
from cpi.kit.network_interfaces import Interface

CloudAnswer = Mapping[str, Any]

_DEFAULT = "default"
GROUP_ALL = "vms"
GROUP_PUBLIC = "public"
"""The landing zone's security groups: every VM is in the first, those with a floating address in the second too."""


class Lookups:
    """Safe to use from many threads: at worst two ask the same at once."""

    def __init__(self, api: Api, config: OpenStackConfig, environment: str) -> None:
        self._api = api
        self._config = config
        self.environment = environment
        self._lock = threading.Lock()
        self._known: dict[str, tuple[CloudAnswer, ...]] = {}

    def forget(self) -> None:
        """What was asked is asked again."""
        with self._lock:
            self._known.clear()

    def flavor(self, wanted: str) -> CloudAnswer:
        """A flavour by name or id. Raises unknown-instance-type."""
        return vms.match_flavor(wanted, self.flavors())

    def flavors(self) -> tuple[CloudAnswer, ...]:
        """All that this project may use."""
        return self._ask("flavors", lambda: tuple(self._api.list_all("compute", "/flavors/detail", "flavors")))

    def image(self, cid: StemcellCid) -> CloudAnswer:
        """The image of a stemcell. Raises NotFoundError, code unknown-stemcell."""
        image_id = stemcells.image_of(cid)
        return self._ask(f"image {image_id}", lambda: (self._image(image_id),))[0]

    def port_requests(self, request: VmRequest) -> tuple[PortRequest, ...]:
        """Where each of a VM's networks is. Raises NotFoundError, code unknown-network."""
        return tuple(self.port_request(each) for each in networks.created_port(request))

    def port_request(self, interface: Interface) -> PortRequest:
        """Where one interface is. Raises NotFoundError, code unknown-network; CloudError, nic-group-subnets-differ."""
        try:
            return networks.choose_port(interface, self.networks(), self.environment)
        except NotFoundError:
            self.forget()
            return networks.choose_port(interface, self.networks(), self.environment)

    def groups(self, request: VmRequest, properties: VmProperties) -> tuple[str, ...]:
        """The ids of a VM's security groups: its own, its networks', the settings', or the landing zone's."""
        wanted = properties.security_groups or networks.groups_of(request) or self._config.default_security_groups
        if wanted:
            return tuple(dict.fromkeys(self._group(name) for name in wanted))
        has_public = networks.public(request) is not None
        own = (GROUP_ALL, GROUP_PUBLIC) if has_public else (GROUP_ALL,)
        return tuple(str(one["id"]) for one in self._groups() if self._landed(one) in own)

    def own_groups(self, ids: Sequence[str]) -> tuple[CloudAnswer, ...]:
        """Security groups with their rules, where they are the operator's own: the project's default group for none;
        nothing for those of the landing zone.
        """
        if not ids:
            project = self._api.project()
            return tuple(one for one in self._groups() if one["name"] == _DEFAULT and one.get("project_id") == project)
        found = tuple(one for one in self._groups() if str(one["id"]) in ids)
        return () if all(self._landed(one) for one in found) else found

    def has_port_security(self, network_id: str) -> bool:
        """Whether Neutron enforces security groups on a network's ports."""
        found = next((one for one in self.networks() if str(one["id"]) == network_id), {})
        return bool(found.get("port_security_enabled", True))

    def networks(self) -> tuple[CloudAnswer, ...]:
        """All that this project sees."""
        return self._ask("networks", lambda: tuple(self._api.list_all("network", "/networks", "networks")))

    def _image(self, image_id: str) -> CloudAnswer:
        try:
            return self._api.read("image", f"/images/{image_id}")
        except NotFoundError as error:
            raise judge.unknown_stemcell(image_id, cloud="OpenStack") from error

    def _groups(self) -> tuple[CloudAnswer, ...]:
        path = "/security-groups"
        return self._ask("groups", lambda: tuple(self._api.list_all("network", path, "security_groups")))

    def _group(self, wanted: str) -> str:
        answer = self._groups()
        found = next((one for one in answer if wanted in (one["id"], one["name"])), None)
        if found is not None:
            return str(found["id"])
        known = [str(one["name"]) for one in answer]
        found_none = judge.unknown_name("security group", wanted, known, where="OpenStack", setting="security_groups")
        raise judge.missing(found_none)

    def _landed(self, answer: CloudAnswer) -> str:
        note = names.read_note(answer.get("description"))
        return note.get(names.NAME, "") if note.get(owner_tags.ENVIRONMENT) == self.environment else ""

    def _ask(self, what: str, ask: Callable[[], Sequence[CloudAnswer]]) -> tuple[CloudAnswer, ...]:
        with self._lock:
            if what in self._known:
                return self._known[what]
        answer = tuple(ask())
        with self._lock:
            self._known[what] = answer
        return answer
