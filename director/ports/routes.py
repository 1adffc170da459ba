"""Where this machine can send packets to."""

from typing import Protocol


class Routes(Protocol):
    def has_route(self, address: str) -> bool:
        """Whether this machine has a route to an IP address.

        Sends nothing, so it does not show that the address answers.
        """

    def source_address(self, address: str) -> str:
        """The IP address from which packets to `address` leave this machine, "" without a route. Sends nothing."""
