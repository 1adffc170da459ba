"""A load balancer's data plane between bodies: a machine that opens connections to the targets which a cloud lists.

Takes bodies and targets, gives what a target answers. It takes the place of the cloud's own balancer: a connection
leaves from an address of the network and obeys the security groups of the targets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.bodies.bodies import Bodies
from tests.support.bodies.values import Instance, Interface

_SERVER = """
import socket, sys
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    connection, _ = server.accept()
    connection.sendall(sys.argv[2].encode() + b"\\n")
    connection.close()
"""
"""What a target runs: a server on the port given, which says the word given and ends the connection."""

Target = tuple[str, int]
"""A private address and a port."""


def serve(bodies: Bodies, vm: str, *, port: int, word: str) -> None:
    """Start the server on a machine, and return once it listens."""
    script = f"cat > /serve.py <<'END'\n{_SERVER}END\npython3 /serve.py {port} {word} </dev/null >/dev/null 2>&1 &"
    bodies.run(vm, script)
    listens = f"exec 3<>/dev/tcp/127.0.0.1/{port}"
    bodies.run(vm, f"timeout 60 bash -c 'until (exec 2>/dev/null; {listens}); do sleep 0.1; done'")


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
