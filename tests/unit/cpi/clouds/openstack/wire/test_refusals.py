"""OpenStack's refusals as ours. The texts are what a real OpenStack (Zed) said."""

import json

import pytest

from cpi.clouds.openstack.wire import refusals
from cpi.clouds.openstack.wire.refusals import Asked
from cpi.contract.errors import (
    CloudError,
    ConflictError,
    DeniedError,
    LostReplyError,
    NoCapacityError,
    NotFoundError,
    NotSupportedError,
    Retry,
    ThrottledError,
    TransientError,
)

POST = Asked(method="POST", path="/servers/4a090ec8-3024-4a50-bbb0-499cfe103104/action")
GET = Asked(method="GET", path="/servers")


def _neutron(kind: str, message: str = "") -> str:
    return json.dumps({"NeutronError": {"type": kind, "message": message, "detail": ""}})


def _nova(word: str, message: str) -> str:
    return json.dumps({word: {"code": 0, "message": message}})


@pytest.mark.parametrize(
    ("status", "text", "kind", "code"),
    [
        (409, _neutron("IpAddressAlreadyAllocated"), ConflictError, "address-taken"),
        (409, _neutron("FloatingIPPortAlreadyAssociated"), ConflictError, "address-taken"),
        (
            400,
            _neutron("InvalidIpForNetwork", "IP address 10.200.0.5 is not a valid IP"),
            CloudError,
            "address-outside-network",
        ),
        (
            409,
            _neutron("OverQuota", "Quota exceeded for resources: ['port']."),
            NoCapacityError,
            "quota-exceeded",
        ),
        (403, _nova("forbidden", "Quota exceeded for instances"), NoCapacityError, "quota-exceeded"),
        (
            413,
            _nova("overLimit", "VolumeLimitExceeded: Maximum number of volumes"),
            NoCapacityError,
            "quota-exceeded",
        ),
        (409, _neutron("IpAddressGenerationFailure"), NoCapacityError, "subnet-full"),
        (409, _neutron("SecurityGroupInUse", "Security Group x in use."), ConflictError, "in-use"),
        (
            409,
            _nova("conflictingRequest", "Cannot 'reboot' instance x while it is in vm_state building"),
            TransientError,
            "not-ready-yet",
        ),
        (409, _nova("conflictingRequest", "Key pair 'x' already exists."), ConflictError, "conflict"),
        (429, "", ThrottledError, "throttled"),
        (
            401,
            json.dumps({"error": {"code": 401, "title": "Unauthorized", "message": "m"}}),
            DeniedError,
            "credentials-refused",
        ),
        (403, _nova("forbidden", "Policy doesn't allow x"), DeniedError, "not-authorized"),
        (404, _nova("itemNotFound", "Instance x could not be found."), NotFoundError, "not-found"),
        (
            406,
            _nova("computeFault", "Version 2.60 is not supported by the API."),
            NotSupportedError,
            "api-version-not-supported",
        ),
        (400, _nova("badRequest", "Invalid input"), CloudError, "request-refused"),
        (500, "<html><h1>Internal</h1></html>", LostReplyError, "server-error"),
        (503, "", LostReplyError, "server-error"),
    ],
)
def test_each_refusal_has_a_class_a_code_a_reason_and_a_fix(
    status: int, text: str, kind: type[CloudError], code: str
) -> None:
    error = refusals.WIRE.refusal(refusals.read_fault(status, text, {"Retry-After": "7"}), POST.call)
    assert (type(error), error.code) == (kind, code)
    assert error.why.startswith(f"OpenStack reports {status}")
    assert error.fix
    assert "4a090ec8" not in error.what


def test_a_question_that_the_server_fails_at_may_be_asked_again() -> None:
    error = refusals.WIRE.refusal(refusals.read_fault(502, "", {}), GET.call)
    assert (error.code, error.retry) == ("server-error", Retry.SAFE)


def test_a_throttled_call_waits_as_long_as_told() -> None:
    error = refusals.WIRE.refusal(refusals.read_fault(429, "", {"Retry-After": "7"}), GET.call)
    assert isinstance(error, ThrottledError)
    assert error.after_s == 7.0


def test_only_a_change_can_be_lost() -> None:
    assert refusals.WIRE.lost(GET.call, "reset").retry is Retry.SAFE
    assert refusals.WIRE.lost(POST.call, "reset").retry is Retry.UNKNOWN
    assert refusals.WIRE.unreachable(POST.call, "no route").retry is Retry.SAFE
