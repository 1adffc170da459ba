"""A template with every way in and out on the local cloud: deployed through kills, seen by packets, and taken down."""

import json
import shlex
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import local_inventory
from tests.support.command import Compleat
from tests.support.environments import local_compleat

pytestmark = pytest.mark.slow
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzJbDqLpKkPqg4u0Yl3n9RrJ9h2m5uFvT1cXb7wEa8d me@example.org"
_NETWORK = "Microsoft.Network"
_SERVE = """#!/bin/sh
cat >/tmp/serve.py <<'END'
import socketserver
class Peer(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.client_address[0].encode())
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
Server(("", 8080), Peer).serve_forever()
END
setsid python3 /tmp/serve.py >/dev/null 2>&1 </dev/null &
"""
_ASK = 'import socket; print(socket.create_connection(("{address}", {port}), 3).recv(100).decode())'
_HOP = """
import socket
heard = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
heard.settimeout(3)
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 2)
sender.sendto(b"", ("10.70.3.10", 33434))
print(heard.recvfrom(2048)[1][0])
"""


def _id(kind: str, *names: str) -> dict[str, str]:
    quoted = ", ".join(f"'{name}'" for name in names)
    return {"id": f"[resourceId('{_NETWORK}/{kind}', {quoted})]"}


def _resource(kind: str, name: str, **properties: object) -> dict[str, object]:
    return {"type": kind, "apiVersion": "2023-09-01", "name": name, "location": "local", "properties": properties}


def _machine(name: str, subnet: str, ip: str, **more: object) -> Iterator[dict[str, object]]:
    """An interface and its VM; `more` are an interface's properties, or those of its only configuration."""
    place = {"subnet": _id("virtualNetworks/subnets", "net", subnet), "privateIPAddress": ip}
    forwarding = {"enableIPForwarding": more.pop("enableIPForwarding")} if "enableIPForwarding" in more else {}
    configured = {**place, "privateIPAllocationMethod": "Static", **more}
    configurations = [{"name": "ip", "properties": configured}]
    yield _resource(f"{_NETWORK}/networkInterfaces", f"{name}-nic", ipConfigurations=configurations, **forwarding)
    profile = {
        "computerName": name,
        "adminUsername": "owner",
        "customData": "[base64(variables('script'))]",
        "linuxConfiguration": {"ssh": {"publicKeys": [{"path": "/home/owner/.ssh/authorized_keys", "keyData": _KEY}]}},
    }
    image = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}
    yield _resource(
        "Microsoft.Compute/virtualMachines",
        name,
        hardwareProfile={"vmSize": "Standard_B1s"},
        osProfile=profile,
        storageProfile={"imageReference": image, "osDisk": {"createOption": "FromImage"}},
        networkProfile={"networkInterfaces": [_id("networkInterfaces", f"{name}-nic")]},
    )


def _template(hop: str = "VirtualAppliance") -> dict[str, object]:
    subnets = [
        {"name": name, "properties": {"addressPrefix": f"10.70.{number}.0/24"}}
        for number, name in ((1, "front"), (2, "mid"), (3, "back"))
    ]
    subnets[0]["properties"] |= {"routeTable": _id("routeTables", "ways"), "natGateway": _id("natGateways", "nat")}  # type: ignore[operator]
    route = {"addressPrefix": "10.70.3.0/24", "nextHopType": hop}
    route |= {"nextHopIpAddress": "10.70.2.9"} if hop == "VirtualAppliance" else {}
    front = {"subnet": _id("virtualNetworks/subnets", "net", "back"), "privateIPAddress": "10.70.3.100"}
    front_id = _id("loadBalancers/frontendIPConfigurations", "lb", "inner")
    pool = _id("loadBalancers/backendAddressPools", "lb", "web")
    rule = {"frontendIPConfiguration": front_id, "protocol": "Tcp", "backendPort": 8080}
    addresses = [
        _resource(f"{_NETWORK}/publicIPAddresses", name, publicIPAllocationMethod="Static")
        for name in ("way-out", "server-ip")
    ]
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "variables": {"script": _SERVE},
        "resources": [
            *addresses,
            _resource(f"{_NETWORK}/routeTables", "ways", routes=[{"name": "back", "properties": route}]),
            _resource(f"{_NETWORK}/natGateways", "nat", publicIpAddresses=[_id("publicIPAddresses", "way-out")]),
            _resource(
                f"{_NETWORK}/virtualNetworks",
                "net",
                addressSpace={"addressPrefixes": ["10.70.0.0/16"]},
                subnets=subnets,
            ),
            _resource(
                f"{_NETWORK}/loadBalancers",
                "lb",
                frontendIPConfigurations=[
                    {"name": "inner", "properties": {**front, "privateIPAllocationMethod": "Static"}}
                ],
                backendAddressPools=[{"name": "web"}],
                loadBalancingRules=[
                    {"name": "web", "properties": {**rule, "frontendPort": 80, "backendAddressPool": pool}}
                ],
                inboundNatRules=[{"name": "one", "properties": {**rule, "frontendPort": 8081}}],
            ),
            *_machine("client", "front", "10.70.1.10"),
            *_machine("appliance", "mid", "10.70.2.9", enableIPForwarding=True),
            *_machine(
                "server",
                "back",
                "10.70.3.10",
                publicIPAddress=_id("publicIPAddresses", "server-ip"),
                loadBalancerBackendAddressPools=[pool],
                loadBalancerInboundNatRules=[_id("loadBalancers/inboundNatRules", "lb", "one")],
            ),
        ],
        "outputs": {
            "wayOut": {
                "type": "string",
                "value": f"[reference({_id('publicIPAddresses', 'way-out')['id'][1:-1]}).ipAddress]",
            },
            "server": {
                "type": "string",
                "value": f"[reference({_id('publicIPAddresses', 'server-ip')['id'][1:-1]}).ipAddress]",
            },
        },
    }


@pytest.fixture
def compleat(tmp_path: Path) -> Iterator[Compleat]:
    one = local_compleat(tmp_path / "home", "routed", is_warm=True)
    yield one
    one.run("down", "-n")


def _ask(compleat: Compleat, address: str, port: int) -> str:
    command = f"python3 -c {shlex.quote(_ASK.format(address=address, port=port))}"
    return compleat.run("ssh", "-d", "routed", "client/0", "-c", command).out.strip()


def test_a_template_with_every_way_is_deployed_through_kills_and_taken_down(compleat: Compleat, tmp_path: Path) -> None:
    path = tmp_path / "routed.json"
    path.write_text(json.dumps(_template()))
    for patience_s in (0.8, 1.6, 2.4, 4.0):
        with compleat.started("up", "-n", str(path)) as process:
            time.sleep(patience_s)
            process.send_signal(signal.SIGKILL)
    outputs = compleat.run("up", "-n", str(path), "--json").ended().json["outputs"]
    server, way_out = outputs["server"]["value"], outputs["wayOut"]["value"]
    hop = compleat.run("ssh", "-d", "routed", "client/0", "-c", f"python3 -c {shlex.quote(_HOP)}")
    assert hop.out.strip() == "10.70.2.9", "the second hop is the appliance"
    assert _ask(compleat, "10.70.3.10", 8080) == "10.70.1.10"
    assert _ask(compleat, server, 8080) == way_out
    assert _ask(compleat, "10.70.3.100", 80) == _ask(compleat, "10.70.3.100", 8081) == "10.70.3.1"
    rows = compleat.run("template", "what-if", str(path), "--json").ended().json["changes"]
    assert {row["change"] for row in rows} <= {"NoChange", "Ignore"}

    path.write_text(json.dumps(_template("None")))
    plans = compleat.run("plan", str(path), "--json").ended().json
    assert "back: 10.70.3.0/24 to none" in json.dumps(plans)
    compleat.run("up", "-n", str(path)).ended()
    assert _ask(compleat, "10.70.3.10", 8080) == ""
    assert _ask(compleat, server, 8080) == way_out

    report = compleat.run("down", "-n", "--json").ended().json
    assert [report["left"], report["missing"]] == [[], []]
    left = local_inventory.take(compleat)
    assert not (left.vms or left.disks or left.landing or left.stemcells)
