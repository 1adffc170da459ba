"""Where this machine can send packets to."""

from typing import Protocol


class Routes(Protocol):
    def has_route(self, address: str) -> bool:
        """Whether this machine has a route to an IP address.

        Sends nothing, so it does not show that the address answers.
        """
