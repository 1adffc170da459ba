"""How a role is taken on, and where AWS's services are reached."""

import pytest

from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import read_config
from cpi.contract.errors import CloudError, DeniedError
from cpi.contract.values import JsonValue
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule

ROLE = "arn:aws:iam::123456789012:role/theirs"


def test_a_role_is_taken_on_as_the_settings_say(emulator: Emulator) -> None:
    more = {"external_id": "for-us", "role_session_name": "deploys", "role_duration_s": "1800"}
    _ask(emulator, role_arn=ROLE, **more)
    (call,) = [one for one in emulator.front.log if one.action == "AssumeRole"]
    sent = {name: call.get(name) for name in ("RoleArn", "ExternalId", "RoleSessionName", "DurationSeconds")}
    assert sent == {"RoleArn": ROLE, "ExternalId": "for-us", "RoleSessionName": "deploys", "DurationSeconds": "1800"}


def test_a_role_without_the_right_external_id_is_refused_with_what_to_correct(emulator: Emulator) -> None:
    words = "User: arn:aws:iam::1:user/me is not authorized to perform: sts:AssumeRole"
    emulator.faults.add(Rule(action="AssumeRole", times=9, code="AccessDenied", message=words, status=403))
    with pytest.raises(DeniedError) as raised:
        _ask(emulator, role_arn=ROLE, external_id="wrong-one")
    error = raised.value
    assert (error.code, "external_id" in error.fix) == ("not-authorized", True)
    assert emulator.secret_key not in f"{error.what}{error.why}{error.fix}"


def test_services_are_reached_where_the_settings_say(emulator: Emulator) -> None:
    nowhere = {"endpoint_url": "http://127.0.0.1:9", "ec2_endpoint": emulator.endpoint}
    _ask(emulator, **nowhere)
    with pytest.raises(CloudError, match="cloud-unreachable"):
        Api(read_config(emulator.settings(**nowhere))).read("elb", "DescribeLoadBalancers")
    there = Api(read_config(emulator.settings(**nowhere, elb_endpoint=emulator.endpoint)))
    assert there.read("elb", "DescribeLoadBalancers")["LoadBalancerDescriptions"] == []
    assert read_config({"region": "us-east-1", "ec2_endpoint": "ec2.local"}).ec2_endpoint == "https://ec2.local"
    at_home = {"region": "us-east-1", "access_key_id": "AKIA", "secret_access_key": "x"}
    urls = [Api(read_config({**at_home, "dualstack": is_dual}))._client("ec2").meta.endpoint_url for is_dual in (0, 1)]
    assert urls == ["https://ec2.us-east-1.amazonaws.com", "https://ec2.us-east-1.api.aws"]


@pytest.mark.parametrize(
    "written", [{"external_id": "x"}, {"role_session_name": "a b"}, {"role_duration_s": 60}, {"external_id": "for-us"}]
)
def test_what_aws_would_not_take_of_a_role_is_refused_when_the_file_is_read(written: dict[str, JsonValue]) -> None:
    role: dict[str, JsonValue] = {} if written == {"external_id": "for-us"} else {"role_arn": ROLE}
    with pytest.raises(CloudError, match="cloud-config-invalid"):
        read_config({"region": "us-east-1", **role, **written})


def _ask(emulator: Emulator, **settings: object) -> None:
    Api(read_config(emulator.settings(**settings))).read("ec2", "DescribeVpcs")
