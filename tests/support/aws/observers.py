"""Observers of instances, so that a real VM can follow each of them.

Takes events under the emulator's lock: an observer's method returns soon and calls the emulator never.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.support.inbound_rules import Inbound


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network interface: its private address, its subnet's range and id."""

    address: str
    cidr: str
    subnet: str
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """An instance that starts, for the first time or again. `interfaces` are in device order."""

    instance: str
    interfaces: tuple[Interface, ...]
    user_data: bytes
    tags: Mapping[str, str] = field(default_factory=dict)


class Observer(Protocol):
    def inbound_changed(self, inbound: Mapping[str, Inbound]) -> None:
        """What is let in now, by private address: of every interface there is."""

    def instance_started(self, started: Started) -> None: ...

    def instance_stopped(self, instance: str) -> None: ...

    def instance_rebooted(self, instance: str) -> None: ...

    def instance_terminated(self, instance: str) -> None: ...

    def address_associated(self, address: str, instance: str) -> None: ...

    def address_disassociated(self, address: str) -> None: ...

    def volume_attached(self, volume: str, instance: str, *, device: str) -> None: ...

    def volume_detached(self, volume: str, instance: str) -> None: ...

    def console_of(self, instance: str) -> str | None:
        """What it printed; None: whatever the emulator says."""

    def next_public_address(self) -> str:
        """The address that AllocateAddress gives next; "" leaves the choice to the emulator."""


class Nobody:
    """Looks away."""

    def inbound_changed(self, inbound: Mapping[str, Inbound]) -> None:
        """Nothing."""

    def instance_started(self, started: Started) -> None:
        """Nothing."""

    def instance_stopped(self, instance: str) -> None:
        """Nothing."""

    def instance_rebooted(self, instance: str) -> None:
        """Nothing."""

    def instance_terminated(self, instance: str) -> None:
        """Nothing."""

    def address_associated(self, address: str, instance: str) -> None:
        """Nothing."""

    def address_disassociated(self, address: str) -> None:
        """Nothing."""

    def volume_attached(self, volume: str, instance: str, *, device: str) -> None:
        """Nothing."""

    def volume_detached(self, volume: str, instance: str) -> None:
        """Nothing."""

    def console_of(self, instance: str) -> str | None:
        """Nothing."""
        return None

    def next_public_address(self) -> str:
        """Any."""
        return ""
