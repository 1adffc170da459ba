"""Each setting that is wrong in a way only AWS can tell: one clear error, no secret in it, nothing repeated."""

import socket

import pytest

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.wire.config import read_config
from cpi.contract.errors import CloudError, DeniedError, ThrottledError, TransientError
from cpi.contract.values import OwnerQuery, PreflightRequest
from tests.support.aws import shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule

QUERY = OwnerQuery(environment="env")


def _ask(emulator: Emulator, **settings: object) -> None:
    finder = connect_cloud(read_config(emulator.settings(**settings)), "env").finder
    assert finder is not None
    finder.find_vms(QUERY)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("AuthFailure", "credentials-refused"),
        ("SignatureDoesNotMatch", "credentials-refused"),
        ("ExpiredToken", "credentials-expired"),
        ("UnauthorizedOperation", "not-authorized"),
        ("OptInRequired", "account-not-enabled"),
    ],
)
def test_credentials_that_aws_refuses_are_told_and_asked_for_once(emulator: Emulator, code: str, own: str) -> None:
    emulator.faults.add(Rule(action="DescribeInstances", times=9, code=code, status=401))
    with pytest.raises(DeniedError) as raised:
        _ask(emulator, secret_access_key="hush-hush", session_token="hush-token")
    assert raised.value.code == own
    assert "hush" not in f"{raised.value!r}{raised.value.what}{raised.value.why}{raised.value.fix}"
    assert emulator.calls() == ["DescribeInstances"]


def test_an_unknown_key_is_told_by_preflight_alone(emulator: Emulator) -> None:
    emulator.account.known_keys.add("AKIASOMEONEELSE")
    preflight = shared.connect(emulator, "env").preflight
    assert preflight is not None
    (finding,) = preflight.preflight(PreflightRequest())
    assert finding.code == "credentials-refused"


def test_nobody_listening_is_a_hiccup_that_names_the_endpoint(emulator: Emulator) -> None:
    endpoint = f"http://127.0.0.1:{_free_port()}"
    with pytest.raises(TransientError) as raised:
        _ask(emulator, endpoint_url=endpoint)
    assert (raised.value.code, endpoint in raised.value.why) == ("cloud-unreachable", True)


def test_a_name_that_does_not_resolve_is_told(emulator: Emulator) -> None:
    with pytest.raises(TransientError) as raised:
        _ask(emulator, endpoint_url="http://nowhere.invalid")
    assert raised.value.code == "cloud-unreachable"


def test_whoever_is_not_trusted_is_told(emulator: Emulator) -> None:
    """The emulator speaks no TLS: a handshake with it fails, as one with a wrong certificate does."""
    with pytest.raises(DeniedError) as raised:
        _ask(emulator, endpoint_url=emulator.endpoint.replace("http:", "https:"))
    assert raised.value.code == "cloud-not-trusted"


def test_a_profile_that_is_not_there_is_told(emulator: Emulator) -> None:
    with pytest.raises(DeniedError) as raised:
        _ask(emulator, access_key_id="", secret_access_key="", profile="nobodys")
    assert (raised.value.code, "nobodys" in raised.value.why) == ("credentials-missing", True)


def test_a_role_is_taken_on_once(emulator: Emulator) -> None:
    settings = emulator.settings(role_arn="arn:aws:iam::123456789012:role/Deployer")
    finder = connect_cloud(read_config(settings), "env").finder
    assert finder is not None
    finder.find_vms(QUERY)
    finder.find_vms(QUERY)
    assert emulator.calls() == ["AssumeRole", "DescribeInstances", "DescribeInstances"]
    assert emulator.front.log[1].access_key != emulator.access_key


def test_throttling_is_told_once_with_how_long_to_wait(emulator: Emulator) -> None:
    emulator.faults.add(Rule(action="DescribeInstances", times=9, code="RequestLimitExceeded", status=503))
    with pytest.raises(ThrottledError) as raised:
        _ask(emulator)
    assert raised.value.after_s > 0
    assert emulator.calls() == ["DescribeInstances"]


def test_an_answer_that_is_no_answer_is_an_error_of_ours(emulator: Emulator) -> None:
    emulator.faults.add(Rule(action="DescribeInstances", code="<html>", status=502, message="<body>bad gateway"))
    with pytest.raises(CloudError):
        _ask(emulator)
