"""AWS's codes as our errors: the class tells if a retry is safe."""

import pytest

from cpi.clouds.aws.wire import refusals
from cpi.contract.errors import (
    CloudError,
    ConflictError,
    DeniedError,
    LostReplyError,
    NoCapacityError,
    NotFoundError,
    NotSupportedError,
    ThrottledError,
    TransientError,
)
from cpi.kit.refusals import Call

CHANGE = Call(name="RunInstances", is_changing=True)
READ = Call(name="DescribeInstances", is_changing=False)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("UnauthorizedOperation", 403, DeniedError),
        ("AuthFailure", 401, DeniedError),
        ("ExpiredToken", 400, DeniedError),
        ("RequestLimitExceeded", 503, ThrottledError),
        ("SlowDown", 503, ThrottledError),
        ("InsufficientInstanceCapacity", 500, NoCapacityError),
        ("VcpuLimitExceeded", 400, NoCapacityError),
        ("SomeNewLimitExceeded", 400, NoCapacityError),
        ("InsufficientFreeAddressesInSubnet", 400, NoCapacityError),
        ("IncorrectInstanceState", 400, TransientError),
        ("IncorrectState", 400, TransientError),
        ("InvalidVolume.NotFound", 400, NotFoundError),
        ("InvalidAMIID.Malformed", 400, NotFoundError),
        ("DependencyViolation", 400, ConflictError),
        ("VolumeInUse", 400, ConflictError),
        ("InvalidIPAddress.InUse", 400, ConflictError),
        ("IdempotentParameterMismatch", 400, ConflictError),
        ("Unsupported", 400, NotSupportedError),
        ("InternalError", 500, LostReplyError),
        ("ServiceUnavailable", 503, LostReplyError),
    ],
)
def test_a_code_of_aws_is_an_error_of_ours(code: str, status: int, kind: type[CloudError]) -> None:
    error = refusals.refusal_of(code, "AWS's own words.", CHANGE, status=status)
    assert type(error) is kind
    assert error.why == f"AWS reports {code}: AWS's own words."
    assert error.fix


def test_a_code_nobody_knows_is_never_repeated() -> None:
    error = refusals.refusal_of("SomethingNew", "no", CHANGE)
    assert (type(error), error.code, error.retry.value) == (CloudError, "request-refused", "never")


def test_a_read_that_failed_may_be_repeated_and_a_change_must_be_looked_for() -> None:
    assert isinstance(refusals.refusal_of("InternalError", "", READ, status=500), TransientError)
    assert isinstance(refusals.WIRE.lost(READ, "x"), TransientError)
    assert isinstance(refusals.WIRE.lost(CHANGE, "x"), LostReplyError)
