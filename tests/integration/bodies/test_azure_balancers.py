"""Traffic to VMs in the backend pools of Azure's load balancers and application gateways: the stand-in says which
interfaces are in a pool, bodies answer at their addresses. The balancer's machine is a stand-in, too.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpi.clouds.azure.wire import names
from cpi.contract.cloud import ConnectSettings
from cpi.contract.values import VmCid
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure import compute, network
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.bodies import balancer, ground
from tests.support.bodies.azure_observer import BodyObserver
from tests.support.bodies.balancer import Balancer, Target
from tests.support.bodies.bodies import Bodies

PORT = 8080
ADDRESS, SUBNET = "10.9.0.50", "10.9.0.0/24"
BALANCERS = {
    "loadBalancerBackendAddressPools": (names.BALANCER, "web"),
    "applicationGatewayBackendAddressPools": (names.GATEWAY, "gate"),
}
"""By the key of an interface under which the pools are that it is in."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An environment on the stand-in whose VMs have bodies; `balancer` is in its network."""

    subject: Subject
    azure: StandIn
    bodies: Bodies
    balancer: Balancer

    def create(self, name: str, last: int) -> VmCid:
        """A VM behind both kinds of load balancer, on whose port a server says its name."""
        request = self.subject.vm_request(name, last=last)
        properties = {"load_balancer": "web", "application_gateway": "gate"}
        cid = self.subject.connected.cloud.create_vm(replace(request, cloud_properties=properties)).cid
        name_of_vm = cid.rpartition("/")[2]
        vm = next(one for one in self.azure.place.store.of_type(compute.VM) if one.body["name"] == name_of_vm)
        balancer.serve(self.bodies, vm.id.lower(), port=PORT, word=name)
        return cid

    def targets(self, key: str) -> list[Target]:
        """The addresses of a pool's interfaces."""
        configs = [
            config["properties"]
            for nic in self.azure.place.store.of_type(network.NIC)
            for config in nic.body["properties"]["ipConfigurations"]
        ]
        return [(str(one["privateIPAddress"]), PORT) for one in configs if one.get(key)]


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Place]:
    with (
        contextlib.closing(Bodies()) as bodies,
        azure_stand_in(tmp_path, observer=BodyObserver(bodies)) as azure,
    ):
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        for kind, name in BALANCERS.values():
            path = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/compleat-{ENVIRONMENT}/providers/{kind}/{name}"
            pools = [{"name": "first", "id": f"{path}/backendAddressPools/first"}]
            body = {"id": path, "name": name, "type": kind, "properties": {"backendAddressPools": pools}}
            azure.place.store.put(Held(id=path, body=body))
        front = Balancer(bodies=bodies, name="balancer")
        front.start(ip=ADDRESS, cidr=SUBNET)
        yield Place(subject=subject, azure=azure, bodies=bodies, balancer=front)


def test_connections_reach_the_vms_of_a_pool_and_none_that_has_left(place: Place) -> None:
    one = place.create("one", 10)
    place.create("two", 11)
    for key in BALANCERS:
        assert sorted(place.targets(key)) == [("10.9.0.10", PORT), ("10.9.0.11", PORT)]
        assert {place.balancer.ask(place.targets(key)) for _ in range(4)} == {"one", "two"}
    place.subject.connected.cloud.delete_vm(one)
    for key in BALANCERS:
        assert [place.balancer.ask(place.targets(key)) for _ in range(2)] == ["two", "two"]
