"""Requests and responses of BOSH's CPI protocol."""

import json

import pytest

from cpi.contract.errors import CloudError, NoCapacityError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.protocol import envelope, failures, networks
from cpi.contract.protocol.envelope import CpiError, Request, Response
from cpi.contract.values import NetworkKind, NetworkSettings


def test_a_request_is_as_bosh_writes_it_and_reads_back() -> None:
    request = Request(
        method="create_disk", arguments=(1024, {}, "vm"), context={"director_uuid": "u", "region": "r"}, api_version=2
    )
    written = envelope.write_request(request)
    assert list(json.loads(written)) == ["method", "arguments", "context", "api_version"]
    assert envelope.read_request(written) == request
    assert request.properties() == {"region": "r"}


def test_info_is_first_asked_without_a_version() -> None:
    assert "api_version" not in json.loads(envelope.write_request(Request(method="info")))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b'{"method": 1}',
        b'{"method": "a", "arguments": {}}',
        b'{"method": "a", "context": []}',
        b'{"method": "a", "api_version": "2"}',
        b'{"method": "a", "api_version": true}',
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(CloudError, match="cpi-request-invalid"):
        envelope.read_request(data)


def test_a_response_crosses_whole() -> None:
    for response in (
        Response(result=["vm-1", {}], log="said"),
        Response(refusal=CpiError(type="Bosh::Clouds::VMCreationFailed", message="no", ok_to_retry=True)),
    ):
        assert envelope.read_response(envelope.write_response(response)) == response


@pytest.mark.parametrize(
    "document",
    [
        {"result": 1, "error": None},
        {"result": 1, "error": None, "log": None},
        {"error": None, "log": ""},
        {"result": 1, "error": {"type": "a", "message": "b"}, "log": ""},
        {"result": 1, "error": {"type": "a", "message": "b", "ok_to_retry": "no"}, "log": ""},
        {"result": 1, "error": {"type": "a", "message": "b", "ok_to_retry": False, "more": 1}, "log": ""},
        {"result": 1, "error": "boom", "log": ""},
    ],
)
def test_a_response_is_read_as_strictly_as_a_director_does(document: object) -> None:
    with pytest.raises(CloudError, match="cpi-response-invalid"):
        envelope.read_response(json.dumps(document).encode())


def test_anything_beside_the_response_is_refused() -> None:
    with pytest.raises(CloudError):
        envelope.read_response(b'warning: old\n{"result": null, "error": null, "log": ""}')


@pytest.mark.parametrize(
    ("kind", "ok_to_retry", "error"),
    [
        ("Bosh::Clouds::VMNotFound", False, NotFoundError),
        ("Bosh::Clouds::DiskNotFound", True, NotFoundError),
        ("Bosh::Clouds::NoDiskSpace", False, NoCapacityError),
        ("Bosh::Clouds::NotImplemented", False, NotSupportedError),
        ("Bosh::Clouds::VMCreationFailed", True, TransientError),
        ("Bosh::Clouds::VMCreationFailed", False, CloudError),
        ("Some::Other", False, CloudError),
    ],
)
def test_each_type_of_refusal_is_an_error_of_ours(kind: str, ok_to_retry: bool, error: type[CloudError]) -> None:
    found = failures.read_failure(CpiError(type=kind, message="words", ok_to_retry=ok_to_retry), "create_vm")
    assert type(found) is error
    assert "words" in found.what


def test_older_words_for_not_implemented_count() -> None:
    assert failures.is_not_implemented(CpiError(type="InvalidCall", message="Method is not known, got resize_disk"))
    assert failures.is_not_implemented(CpiError(type="Bosh::Clouds::CloudError", message="Invalid Method: x"))
    assert not failures.is_not_implemented(CpiError(type="Bosh::Clouds::CloudError", message="Method is not known"))


def test_what_happened_not_may_be_sent_again() -> None:
    said = failures.write_failure(TransientError("busy", "Busy.", why="w", fix="f"), "create_vm")
    assert said == CpiError(
        type="Bosh::Clouds::VMCreationFailed", message="busy: Busy. Why: w Fix: f", ok_to_retry=True
    )
    assert not failures.write_failure(CloudError("no", "No."), "create_vm").ok_to_retry


def test_networks_cross_whole() -> None:
    asked = (
        NetworkSettings(
            name="main",
            kind=NetworkKind.MANUAL,
            ip="10.0.0.5",
            prefix=20,
            gateway="10.0.0.1",
            dns=("8.8.8.8",),
            defaults=("dns", "gateway"),
            cloud_properties={"subnet": "s"},
        ),
        NetworkSettings(name="any", kind=NetworkKind.DYNAMIC, ip=None),
        NetworkSettings(name="public", kind=NetworkKind.VIP, ip="192.0.2.1"),
    )
    written = networks.write_networks(asked)
    assert written["main"] == {
        "type": "manual",
        "ip": "10.0.0.5",
        "netmask": "255.255.240.0",
        "prefix": "32",
        "gateway": "10.0.0.1",
        "dns": ["8.8.8.8"],
        "default": ["dns", "gateway"],
        "cloud_properties": {"subnet": "s"},
    }
    assert networks.read_networks(written) == asked


def test_an_address_the_cpi_tells_is_filled_in_and_one_we_asked_for_stays() -> None:
    asked = (NetworkSettings(name="a", kind=NetworkKind.DYNAMIC, ip=None),)
    reported = {"a": {"type": "dynamic", "ip": "10.1.2.3", "netmask": "255.255.255.0", "gateway": "10.1.2.1"}}
    (filled,) = networks.fill_networks(asked, reported)
    assert (filled.ip, filled.prefix, filled.gateway) == ("10.1.2.3", 24, "10.1.2.1")
    assert networks.fill_networks(asked, None) == asked
