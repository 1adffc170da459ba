"""Traffic to VMs behind load balancers of AWS: the emulator says who is a target, bodies answer at its address.

The balancer's machine is a stand-in. What is shown: the plugin registers VMs at an address and a port at which they
answer, security groups decide about it, and a VM that is deleted gets no connection afterwards.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cpi.clouds.aws.plugin import PLUGIN
from cpi.clouds.aws.wire import config
from cpi.clouds.aws.wire.api import Api
from cpi.contract.cloud import ConnectSettings
from cpi.contract.landing_parts import JoinedParts, LoadBalancerSpec, NatRuleSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue, LandingSpec, VmCid
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.aws import back
from tests.support.aws import emulator as emulators
from tests.support.bodies import balancer, ground
from tests.support.bodies.aws_observer import BodyObserver
from tests.support.bodies.balancer import Balancer, Target
from tests.support.bodies.bodies import Bodies

PORT = 8080
ADDRESS, SUBNET = "10.9.0.50", "10.9.0.0/26"
BEHIND: Mapping[str, JsonValue] = {"lb_target_groups": ["web"], "elbs": ["classic"]}
"""Cloud properties of a VM behind both kinds of load balancer."""
INNER = LoadBalancerSpec(
    name="inner",
    network="main",
    address=ADDRESS,
    nat_rules=(NatRuleSpec(name="one", protocol="tcp", port=2222, machine_port=PORT),),
)
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",), load_balancers=(INNER,))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An environment on the emulator whose VMs have bodies; `balancer` is in its network."""

    subject: Subject
    api: Api
    bodies: Bodies
    balancer: Balancer
    group: str

    def create(self, name: str, last: int, behind: Mapping[str, JsonValue] = BEHIND) -> VmCid:
        """A VM on whose port a server says its name."""
        properties = {"instance_type": "t3.micro", **behind}
        request = replace(self.subject.vm_request(name, last=last), cloud_properties=properties)
        created = self.subject.connected.cloud.create_vm(request)
        balancer.serve(self.bodies, created.cid, port=PORT, word=name)
        return created.cid

    def let_in(self) -> None:
        """What an operator does for a load balancer: its address may connect to the port."""
        rule = {"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT, "IpRanges": [{"CidrIp": f"{ADDRESS}/32"}]}
        found = self.subject.landing.find_landing_resources(ENVIRONMENT)
        group = next(one.outputs["default_security_group"] for one in found if "default_security_group" in one.outputs)
        self.api.change("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[rule])

    def land(self) -> Mapping[str, JsonValue]:
        """Make the internal balancer; gives the cloud properties of the VM that its rule leads to."""
        landing = self.subject.landing
        for one in landing.landing_resources(SPEC):
            landing.create_landing_resource(one, self.subject.owner("inner", ENVIRONMENT_ITSELF))
        return landing.joined_properties(SPEC, JoinedParts(network="main", nat_rules=("inner/one",)))

    def led_to(self) -> list[Target]:
        """Where the listener of the internal balancer's rule leads."""
        found = self.subject.landing.find_landing_resources(ENVIRONMENT)
        arn = next(one.outputs["inner_load_balancer"] for one in found if one.name == "inner")
        (listener,) = self.api.read("elbv2", "DescribeListeners", LoadBalancerArn=arn)["Listeners"]
        assert listener["Port"] == 2222
        return self.target_group(listener["DefaultActions"][0]["TargetGroupArn"])

    def target_group(self, group: str = "") -> list[Target]:
        """As ELBv2 lists it: the instances and the port."""
        answer = self.api.read("elbv2", "DescribeTargetHealth", TargetGroupArn=group or self.group)
        targets = [one["Target"] for one in answer["TargetHealthDescriptions"]]
        return [(_address(one["Id"]), int(one["Port"])) for one in targets]

    def classic(self) -> list[Target]:
        """As ELB lists it: the instances of the one balancer, and the port of its listener."""
        (one,) = self.api.read("elb", "DescribeLoadBalancers", LoadBalancerNames=["classic"])[
            "LoadBalancerDescriptions"
        ]
        port = int(one["ListenerDescriptions"][0]["Listener"]["InstancePort"])
        return [(_address(each["InstanceId"]), port) for each in one["Instances"]]


@pytest.fixture(name="place")
def _place() -> Iterator[Place]:
    with emulators.emulated() as emulator, contextlib.closing(Bodies()) as bodies:
        emulator.front.observer = BodyObserver(bodies)
        settings: Any = emulator.settings()
        subject = prepare(PLUGIN.connect(ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=settings)))
        api = Api(config.read_config(settings))
        vpc = next(one.vpc_id for one in back.subnets() if str(one.cidr_block) == SUBNET)
        group = api.change("elbv2", "CreateTargetGroup", Name="web", Protocol="TCP", Port=PORT, VpcId=vpc)
        subnet = next(one.id for one in back.subnets() if str(one.cidr_block) == SUBNET)
        listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": PORT}
        api.change("elb", "CreateLoadBalancer", LoadBalancerName="classic", Listeners=[listener], Subnets=[subnet])
        front = Balancer(bodies=bodies, name="balancer")
        front.start(ip=ADDRESS, cidr=SUBNET)
        arn = str(group["TargetGroups"][0]["TargetGroupArn"])
        yield Place(subject=subject, api=api, bodies=bodies, balancer=front, group=arn)


def test_connections_reach_the_vms_that_are_registered_and_let_them_in_and_no_others(place: Place) -> None:
    led = place.create("led", 12, place.land())
    assert (place.led_to(), place.balancer.ask(place.led_to())) == ([("10.9.0.12", PORT)], "led")
    place.subject.connected.cloud.delete_vm(led)
    one = place.create("one", 10)
    two = place.create("two", 11)
    assert [place.balancer.ask(targets()) for targets in (place.target_group, place.classic)] == ["", ""]
    place.let_in()
    for targets in (place.target_group, place.classic):
        assert sorted(targets()) == [("10.9.0.10", PORT), ("10.9.0.11", PORT)]
        assert {place.balancer.ask(targets()) for _ in range(4)} == {"one", "two"}
    place.subject.connected.cloud.delete_vm(one)
    for targets in (place.target_group, place.classic):
        assert [place.balancer.ask(targets()) for _ in range(3)] == ["two", "two", "two"]
    place.subject.connected.cloud.delete_vm(two)
    assert [place.target_group(), place.classic(), place.led_to()] == [[], [], []]


def _address(instance: str) -> str:
    return next(str(one.private_ip) for one in back.instances() if one.id == instance)
