"""AWS as its answers: every call is kept, and answered as a small account would.

Takes settings, gives an Api that the plugin's rooms use as theirs.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Answer, Api
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.errors import NoCapacityError
from cpi.kit.refusals import Call
from tests.unit.cpi.clouds.aws import requests

IMAGE = "ami-0123456789abcdef0"
INSTANCE = "i-0123456789abcdef0"
SUBNETS = {
    "default-z1": ("subnet-0123456789abcdef1", "us-east-1a"),
    "default-z2": ("subnet-0123456789abcdef2", "us-east-1b"),
    "other-z1": ("subnet-0123456789abcdef3", "us-east-1a"),
}


class CannedApi(Api):
    """`calls` are those that change something; with `has_spot` False AWS has no spot instance to give."""

    def __init__(self, config: AwsConfig, *, has_spot: bool = True) -> None:
        super().__init__(config)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self._has_spot = has_spot

    def _call(self, service: str, call: Call, parameters: Mapping[str, Any]) -> Answer:
        if call.is_changing:
            self.calls.append((call.name, dict(parameters)))
        if call.name == "RunInstances" and "InstanceMarketOptions" in parameters and not self._has_spot:
            raise NoCapacityError("no-capacity", "AWS has no room.")
        return _answer(call.name, parameters)


def _answer(operation: str, parameters: Mapping[str, Any]) -> Answer:
    match operation:
        case "DescribeImages":
            cid = parameters.get("ImageIds", [IMAGE])[0]
            disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}
            return {
                "Images": [
                    {
                        "ImageId": cid,
                        "Architecture": "x86_64",
                        "RootDeviceName": "/dev/xvda",
                        "BlockDeviceMappings": [disk],
                    }
                ]
            }
        case "GetParameter":
            return {"Parameter": {"Value": f"ami-{parameters['Name']}"}}
        case "DescribeSubnets":
            wanted = parameters.get("SubnetIds")
            return {"Subnets": [_subnet(name) for name, (cid, _) in SUBNETS.items() if wanted is None or cid in wanted]}
        case "DescribeSecurityGroups":
            return {
                "SecurityGroups": [
                    {"GroupName": name, "GroupId": f"sg-{name}"} for name in ("default", "public", "one", "other")
                ]
            }
        case "DescribeTargetGroups":
            return {"TargetGroups": [{"TargetGroupArn": f"arn:{parameters['Names'][0]}"}]}
        case "DescribeRouteTables":
            return {"RouteTables": [{"RouteTableId": parameters["RouteTableIds"][0], "Routes": []}]}
        case "DescribeAddresses":
            return {"Addresses": [{"AllocationId": "eipalloc-1", "PublicIp": "203.0.113.5"}]}
        case "DescribeInstances":
            return {"Reservations": [{"Instances": [{**_instance(), "Placement": {"AvailabilityZone": "us-east-1a"}}]}]}
        case "RunInstances":
            return {"Instances": [_instance(len(parameters["NetworkInterfaces"]))]}
        case "CreateVolume":
            return {"VolumeId": "vol-0123456789abcdef0"}
        case "CreateLaunchTemplate":
            return {"LaunchTemplate": {"LaunchTemplateId": "lt-0123456789abcdef0"}}
        case _:
            return {}


def _subnet(name: str) -> Mapping[str, Any]:
    cid, zone = SUBNETS[name]
    number = list(SUBNETS).index(name)
    label = resource_tags.Label(owner=requests.OWNER, kind="subnet", name=name)
    return {
        "SubnetId": cid,
        "CidrBlock": f"10.0.{64 * number}.0/18",
        "AvailabilityZone": zone,
        "VpcId": "vpc-1",
        "Tags": resource_tags.write_tags(label),
    }


def _instance(interfaces: int = 1) -> Mapping[str, Any]:
    label = resource_tags.Label(owner=requests.OWNER, kind=names.VM)
    cards = [{"NetworkInterfaceId": f"eni-{number}", "PrivateIpAddress": "10.0.0.10"} for number in range(interfaces)]
    return {
        "InstanceId": INSTANCE,
        "State": {"Name": "running"},
        "Tags": resource_tags.write_tags(label),
        "NetworkInterfaces": cards,
    }
