"""An external CPI as a Cloud: each method is one run of the executable.

Takes and gives values of cpi.contract.values. The executable has no way to find by owner key: what it may have
done without an answer is for a person to look at. Source: docs of the CPI API v2.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cpi.clouds.external import machines
from cpi.clouds.external.caller import CpiCaller, CpiRefusedError, failure_of
from cpi.clouds.external.machines import NetworkAnswer
from cpi.clouds.external.network_records import NetworkRecords
from cpi.contract.errors import CloudError, LostReplyError, NotSupportedError
from cpi.contract.protocol import failures, hints, networks
from cpi.contract.values import (
    NO_TAGS,
    CloudInfo,
    DiskCid,
    DiskRequest,
    JsonValue,
    NetworkSettings,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
    deployment_text,
)
from cpi.kit import private_folders

_GONE = frozenset(
    {
        failures.VM_NOT_FOUND,
        failures.DISK_NOT_FOUND,
        failures.DISK_NOT_ATTACHED,
        failures.STEMCELL_NOT_FOUND,
        failures.NETWORK_NOT_FOUND,
    }
)
MANAGED = "managed."
"""How the names of managed networks begin, by which VMs name them in the cloud property `network`."""


class ExternalCloud:
    """Implements Cloud. `empty_image` is the path of the empty file used as a light stemcell's image.

    `tags` are the environment's own; the CPI gets them wherever a director sends tags. `created` are its networks.
    """

    def __init__(
        self, caller: CpiCaller, empty_image: Path, *, created: NetworkRecords, tags: Mapping[str, str] = NO_TAGS
    ) -> None:
        self._tags = dict(tags)
        self._created = created
        self._caller = caller
        self._empty_image = empty_image
        self._lock = threading.Lock()
        self._about: CloudInfo | None = None

    def info(self) -> CloudInfo:
        """Asked once: an executable does not change under us. One that cannot say speaks version 1."""
        with self._lock:
            if self._about is None:
                self._about = self._ask_info()
            return self._about

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid:
        own = self._caller.config.stemcell
        is_own = (request.os, request.version) in ((own.os, own.version), (own.os, "latest"), ("", ""))
        usual, image = (own.cloud_properties, own.image) if is_own else ({}, "")
        properties = {**usual, **_owned_by_others(request.cloud_properties)}
        arguments: list[JsonValue] = [request.image_path or image or self._light_image(), properties]
        return StemcellCid(self._text("create_stemcell", arguments, owner=request.owner))

    def delete_stemcell(self, cid: StemcellCid) -> None:
        self._delete("delete_stemcell", [cid])

    def create_vm(self, request: VmRequest) -> VmCreated:
        placed = tuple(map(self._placed, request.networks))
        tagged = replace(request, tags={**self._tags, **request.tags}, networks=placed)
        arguments = machines.vm_arguments(tagged, boot_script=self._caller.config.boot_script)
        answer = self._call("create_vm", arguments, owner=request.owner)
        parts = [answer] if isinstance(answer, str) else answer
        if not isinstance(parts, Sequence) or not parts or not isinstance(parts[0], str) or not parts[0]:
            raise _strange("create_vm", "It is neither a CID nor a list that begins with one.")
        reported = parts[1] if len(parts) > 1 else None
        return VmCreated(cid=VmCid(parts[0]), networks=networks.fill_networks(request.networks, reported))

    def delete_vm(self, cid: VmCid) -> None:
        self._delete("delete_vm", [cid])

    def has_vm(self, cid: VmCid) -> bool:
        return self._has("has_vm", cid)

    def reboot_vm(self, cid: VmCid) -> None:
        self._call("reboot_vm", [cid])

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        self._if_implemented("set_vm_metadata", [cid, {**self._tags, **tags}])

    def create_disk(self, request: DiskRequest) -> DiskCid:
        arguments: list[JsonValue] = [request.size_mib, dict(request.cloud_properties), request.vm_cid]
        return DiskCid(self._text("create_disk", arguments, owner=request.owner))

    def delete_disk(self, cid: DiskCid) -> None:
        self._delete("delete_disk", [cid])

    def has_disk(self, cid: DiskCid) -> bool:
        return self._has("has_disk", cid)

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        """create_disk has no tags in the protocol: set_disk_metadata sends them before each use of the disk."""
        if self._tags:
            self.set_disk_metadata(disk_cid, {})
        return hints.read_hint(self._call("attach_disk", [vm_cid, disk_cid]))

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        self._delete("detach_disk", [vm_cid, disk_cid])

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        self._call("resize_disk", [cid, size_mib])

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        self._if_implemented("set_disk_metadata", [cid, {**self._tags, **tags}])

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        named = {"director_name": owner.environment, "deployment": deployment_text(owner.deployment)}
        about: dict[str, JsonValue] = {**self._tags, **named, **tags}
        return SnapshotCid(self._text("snapshot_disk", [cid, about], owner=owner))

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        self._delete("delete_snapshot", [cid])

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        answer = self._call("get_disks", [vm_cid])
        if isinstance(answer, str) or not isinstance(answer, Sequence):
            raise _strange("get_disks", "It is not a list.")
        return tuple(DiskCid(str(cid)) for cid in answer)

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        size: JsonValue = {"cpu": cpu, "ram": ram_mib, "ephemeral_disk_size": ephemeral_disk_mib}
        answer = self._call("calculate_vm_cloud_properties", [size])
        if not isinstance(answer, Mapping):
            raise _strange("calculate_vm_cloud_properties", "It is not an object.")
        return answer

    def create_network(self, settings: Mapping[str, JsonValue], *, owner: OwnerKey) -> NetworkAnswer:
        """A managed network. Raises NotSupportedError, code managed-network-unsupported."""
        try:
            answer = self._caller.call("create_network", [settings], version=self.info().api_version, owner=owner)
        except CpiRefusedError as refused:
            if not failures.is_not_implemented(refused.refusal):
                raise failure_of(refused, "create_network") from refused
            raise NotSupportedError(
                "managed-network-unsupported",
                "The CPI creates no networks.",
                why="It does not implement create_network of BOSH's protocol.",
                fix="Name an existing network in the subnets' cloud_properties and remove `managed`.",
            ) from refused
        return machines.read_network(answer)

    def delete_network(self, cid: str) -> None:
        """After: absent."""
        self._delete("delete_network", [cid])

    def _placed(self, network: NetworkSettings) -> NetworkSettings:
        """A managed network with the cloud properties that the CPI gave it, over which none of the subnet's win."""
        name = network.cloud_properties.get("network")
        created = self._created.find(name) if isinstance(name, str) and name.startswith(MANAGED) else None
        if created is None:
            return network
        own = {key: value for key, value in network.cloud_properties.items() if key != "network"}
        return replace(network, cloud_properties={**own, **created.cloud_properties})

    def _ask_info(self) -> CloudInfo:
        try:
            answer = self._caller.call("info")
        except CpiRefusedError as refused:
            if not failures.is_not_implemented(refused.refusal):
                raise failure_of(refused, "info") from refused
            answer = {"stemcell_formats": [], "api_version": 1}
        return machines.read_info(answer, self._caller.config)

    def _light_image(self) -> str:
        """A CPI wants a file even where the image is at the cloud already."""
        private_folders.make_private(self._empty_image.parent)
        self._empty_image.touch(mode=0o600)
        return str(self._empty_image)

    def _call(self, method: str, arguments: Sequence[JsonValue], *, owner: OwnerKey | None = None) -> JsonValue:
        try:
            return self._caller.call(method, arguments, version=self.info().api_version, owner=owner)
        except CpiRefusedError as refused:
            raise failure_of(refused, method) from refused

    def _text(self, method: str, arguments: Sequence[JsonValue], *, owner: OwnerKey) -> str:
        answer = self._call(method, arguments, owner=owner)
        if not isinstance(answer, str) or not answer:
            raise _strange(method, "It is not a CID.")
        return answer

    def _delete(self, method: str, arguments: Sequence[JsonValue]) -> None:
        """What is gone already is deleted."""
        try:
            self._caller.call(method, arguments, version=self.info().api_version)
        except CpiRefusedError as refused:
            if refused.refusal.type not in _GONE:
                raise failure_of(refused, method) from refused

    def _has(self, method: str, cid: str) -> bool:
        """If the CPI does not implement the method, assume that the resource exists, as a BOSH director does."""
        try:
            answer = self._caller.call(method, [cid], version=self.info().api_version)
        except CpiRefusedError as refused:
            if failures.is_not_implemented(refused.refusal):
                return True
            if refused.refusal.type in _GONE:
                return False
            raise failure_of(refused, method) from refused
        if not isinstance(answer, bool):
            raise CloudError("cpi-result-strange", f"The CPI's answer to {method} is neither true nor false.")
        return answer

    def _if_implemented(self, method: str, arguments: Sequence[JsonValue]) -> None:
        try:
            self._caller.call(method, arguments, version=self.info().api_version)
        except CpiRefusedError as refused:
            if not failures.is_not_implemented(refused.refusal):
                raise failure_of(refused, method) from refused


def _owned_by_others(properties: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The architecture is a word between a director and our own plugins."""
    return {name: value for name, value in properties.items() if name != "architecture"}


def _strange(method: str, why: str) -> LostReplyError:
    return LostReplyError(
        "cpi-result-strange",
        f"The CPI's answer to {method} is not valid; the call may have taken effect.",
        why=why,
        fix="Check the cloud for what it created; the CPI's log has details.",
    )
