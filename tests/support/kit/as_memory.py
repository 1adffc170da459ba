"""A stand-in's store as tests look at a memory cloud: VMs, disks, what is attached; by the store's word alone.

Takes a cloud's own reading of its store, gives the views that tests.support and tests.chaos take of cpi.clouds.memory.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cpi.clouds.memory.resources import HeldVm, MemoryInventory
from cpi.contract.values import DiskCid, FoundDisk, VmCid


class Blobs(Protocol):
    """What VMs read of object storage."""

    def get(self, url: str) -> bytes | None:
        """The blob at a signed URL; None where there is none."""


@dataclass(slots=True, kw_only=True)
class AsMemory(ABC):
    """Replaces a MemoryCloud in MemoryAgents and convergence."""

    mounted: set[DiskCid] = field(default_factory=set)

    @property
    @abstractmethod
    def blobs(self) -> Blobs:
        """What VMs read of object storage."""

    @abstractmethod
    def held_vms(self) -> Iterator[HeldVm]:
        """All VMs, with any owner."""

    @abstractmethod
    def held_disks(self) -> Iterator[FoundDisk]:
        """All persistent disks, with any owner."""

    @abstractmethod
    def vanish_vm(self, cid: VmCid) -> None:
        """Lose it as clouds do."""

    @property
    def resources(self) -> "HeldResources":
        """What is there."""
        return HeldResources(self)

    def inventory(self) -> MemoryInventory:
        """All VMs and persistent disks, with any owner."""
        return MemoryInventory(vms=tuple(held.found for held in self.held_vms()), disks=tuple(self.held_disks()))

    def set_mounted(self, cid: DiskCid, *, is_mounted: bool) -> None:
        """What the VM's agent did with a disk."""
        (self.mounted.add if is_mounted else self.mounted.discard)(cid)


@dataclass(slots=True)
class HeldResources:
    """Read again at each access."""

    cloud: AsMemory

    @property
    def vms(self) -> Mapping[VmCid, HeldVm]:
        """All there are."""
        return {held.found.created.cid: held for held in self.cloud.held_vms()}

    @property
    def blobs(self) -> Blobs:
        """What VMs read of object storage."""
        return self.cloud.blobs

    def vm(self, cid: VmCid) -> HeldVm:
        """One of them."""
        return next(held for held in self.cloud.held_vms() if held.found.created.cid == cid)
