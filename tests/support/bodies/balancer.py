"""A load balancer's data plane between bodies: a machine that opens connections to the targets which a cloud lists.

Takes bodies and targets, gives what a target answers. It stands in for the cloud's own balancer: a connection leaves
from an address of the network and obeys the security groups of the targets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.bodies.bodies import Bodies
from tests.support.bodies.values import Instance, Interface

Target = tuple[str, int]
"""A private address and a port."""


@dataclass(slots=True, kw_only=True)
class Balancer:
    bodies: Bodies
    name: str
    taken: int = 0
    """How many connections were opened so far."""

    def start(self, *, ip: str, cidr: str) -> None:
        """Make its machine."""
        self.bodies.start(Instance(id=self.name, interfaces=(Interface(ip=ip, cidr=cidr),)))

    def ask(self, targets: Sequence[Target]) -> str:
        """The first line that the next of the targets in turn answers; "" without any, or where it does not answer."""
        if not targets:
            return ""
        ip, port = targets[self.taken % len(targets)]
        self.taken += 1
        script = f"timeout 3 bash -c 'exec 3<>/dev/tcp/{ip}/{port}; head -n 1 <&3' 2>/dev/null || true"
        return self.bodies.run(self.name, script).strip()
