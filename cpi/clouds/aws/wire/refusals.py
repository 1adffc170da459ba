"""AWS's error codes as errors that explain themselves: one table.

Takes a code, AWS's own sentence and the call, gives a CloudError. Repeats no parameter but what AWS itself says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
from cpi.kit import tag_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The call that failed: `operation` as AWS names it; `is_changing` whether a repetition may do it twice."""

    operation: str
    is_changing: bool


_Row = Callable[[str, str], CloudError]
"""The operation and AWS's reason, as an error."""


def _denied(operation: str, why: str) -> CloudError:
    return DeniedError(
        "aws-not-authorized",
        f"AWS does not let this account's user do {operation}.",
        why=why,
        fix="Give the user or role a policy that allows it; `compleat doctor` lists all that are missing.",
    )


def _keys_refused(operation: str, why: str) -> CloudError:
    return DeniedError(
        "aws-credentials-refused",
        "AWS does not accept these credentials.",
        why=why,
        fix="Correct access_key_id and secret_access_key, or the profile, in the environment's file.",
    )


def _expired(operation: str, why: str) -> CloudError:
    return DeniedError(
        "aws-credentials-expired",
        "These AWS credentials have expired.",
        why=why,
        fix="Get new ones (for single sign-on: `aws sso login`), then run the same command; it goes on.",
    )


def _not_enabled(operation: str, why: str) -> CloudError:
    return DeniedError(
        "aws-account-not-enabled",
        "This AWS account may not use the service or region yet.",
        why=why,
        fix="Enable the region, or accept the image's terms, in AWS's console.",
    )


def _no_room(operation: str, why: str) -> CloudError:
    return NoCapacityError(
        "aws-no-capacity",
        "AWS has no room for this instance type there now.",
        why=why,
        fix="Choose another instance_type, or another availability zone; AWS's sentence names zones that have room.",
    )


def _quota_exceeded(operation: str, why: str) -> CloudError:
    return NoCapacityError(
        "aws-quota-exceeded",
        f"This AWS account's limit does not allow one more at {operation}.",
        why=why,
        fix="`compleat doctor --request-quota` asks for more; or delete what is not needed.",
    )


def _too_many_tags(operation: str, why: str) -> CloudError:
    return CloudError(
        tag_limits.TOO_MANY,
        f"AWS keeps no more tags on that resource ({operation}).",
        why=why,
        fix="Write fewer tags in the environment's file, the manifest and the cloud config.",
    )


def _subnet_full(operation: str, why: str) -> CloudError:
    return NoCapacityError(
        "aws-subnet-full",
        "No address is free in the subnet.",
        why=why,
        fix="Use a larger range for the network, or delete VMs.",
    )


def _throttled(operation: str, why: str) -> CloudError:
    return ThrottledError(
        "aws-throttled",
        "AWS asks for fewer calls a second.",
        why=why,
        fix="Nothing: the call is sent again later.",
    )


def _not_yet(operation: str, why: str) -> CloudError:
    return TransientError(
        "aws-not-ready-yet",
        f"What {operation} needs is not in the right state yet.",
        why=why,
        fix="Nothing: the call is sent again.",
    )


def _in_use(operation: str, why: str) -> CloudError:
    return ConflictError(
        "aws-in-use",
        f"AWS does not do {operation}: something still uses it.",
        why=why,
        fix="Delete what AWS's sentence names, if it is not needed any more; then run the same command.",
    )


def _modified_lately(operation: str, why: str) -> CloudError:
    return ConflictError(
        "disk-modified-lately",
        "AWS does not change that disk again yet.",
        why=why,
        fix="Wait: a disk can be changed once in six hours; then run the same command.",
    )


def _address_taken(operation: str, why: str) -> CloudError:
    return ConflictError(
        "address-taken",
        "Another machine has that address.",
        why=why,
        fix="Choose another address, or delete what has it.",
    )


def _token_reused(operation: str, why: str) -> CloudError:
    return ConflictError(
        "aws-token-reused",
        "The same action asked AWS for something else before.",
        why=why,
        fix="Run the command again: it plans anew.",
    )


def _name_taken(operation: str, why: str) -> CloudError:
    return ConflictError(
        "aws-name-taken",
        "There is something of that name already, and it is not ours.",
        why=why,
        fix="Rename the environment, or delete what has the name.",
    )


def _refused(operation: str, why: str) -> CloudError:
    return CloudError(
        "aws-request-refused",
        f"AWS refused {operation}.",
        why=why,
        fix="Correct what AWS's sentence names, mostly a cloud property.",
    )


def _cannot(operation: str, why: str) -> CloudError:
    return NotSupportedError(
        "aws-cannot-do-that",
        f"AWS cannot do {operation} that way.",
        why=why,
        fix="Choose what AWS's sentence says, mostly another instance_type or zone.",
    )


def _gone(operation: str, why: str) -> CloudError:
    return NotFoundError(
        "aws-not-found",
        "AWS has no such thing.",
        why=why,
        fix="Correct the id in the cloud config; if something was deleted in AWS's console, run `compleat up` again.",
    )


_BY_CODE: Mapping[str, _Row] = {
    **dict.fromkeys(("UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AuthorizationError"), _denied),
    **dict.fromkeys(("AllAccessDisabled", "Forbidden", "403", "InvalidAccessException"), _denied),
    **dict.fromkeys(
        ("AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidAccessKeyId", "IncompleteSignature"),
        _keys_refused,
    ),
    **dict.fromkeys(
        ("UnrecognizedClientException", "MissingAuthenticationToken", "InvalidSignatureException"), _keys_refused
    ),
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"), _expired),
    **dict.fromkeys(("OptInRequired", "PendingVerification", "Blocked", "SubscriptionRequiredException"), _not_enabled),
    **dict.fromkeys(
        ("InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity", "SpotMaxPriceTooLow"),
        _no_room,
    ),
    **dict.fromkeys(("InsufficientReservedInstanceCapacity", "InsufficientVolumeCapacity"), _no_room),
    **dict.fromkeys(
        ("VcpuLimitExceeded", "InstanceLimitExceeded", "VolumeLimitExceeded", "AddressLimitExceeded"), _quota_exceeded
    ),
    **dict.fromkeys(("MaxSpotInstanceCountExceeded", "SnapshotLimitExceeded", "TooManyBuckets"), _quota_exceeded),
    **dict.fromkeys(
        ("PendingSnapshotLimitExceeded", "QuotaExceededException", "ResourceLimitExceeded"), _quota_exceeded
    ),
    "InsufficientFreeAddressesInSubnet": _subnet_full,
    **dict.fromkeys(
        ("RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown"),
        _throttled,
    ),
    **dict.fromkeys(
        ("RequestThrottled", "EC2ThrottledException", "PriorRequestNotComplete", "ThrottledException"), _throttled
    ),
    "TagLimitExceeded": _too_many_tags,
    **dict.fromkeys(("BandwidthLimitExceeded", "SnapshotCreationPerVolumeRateExceeded"), _throttled),
    **dict.fromkeys(("IncorrectState", "IncorrectInstanceState", "InvalidInstanceID"), _not_yet),
    **dict.fromkeys(("IncorrectModificationState", "VolumeModificationRateExceeded"), _modified_lately),
    "InvalidTarget": _not_yet,
    **dict.fromkeys(("InvalidSnapshot.Pending", "OperationAborted", "ConcurrentTagAccess"), _not_yet),
    **dict.fromkeys(("DependencyViolation", "VolumeInUse", "InvalidSnapshot.InUse", "InvalidIPAddress.InUse"), _in_use),
    **dict.fromkeys(("BucketNotEmpty", "ResourceInUse", "InvalidNetworkInterface.InUse"), _in_use),
    **dict.fromkeys(("OperationNotPermitted", "Client.CannotDelete"), _in_use),
    "Resource.AlreadyAssociated": _address_taken,
    "IdempotentParameterMismatch": _token_reused,
    **dict.fromkeys(("BucketAlreadyExists", "InvalidKeyPair.Duplicate", "InvalidGroup.Duplicate"), _name_taken),
    **dict.fromkeys(("InvalidSubnet.Conflict", "InvalidAMIName.Duplicate", "BucketAlreadyOwnedByYou"), _name_taken),
    "InvalidLaunchTemplateName.AlreadyExistsException": _name_taken,
    "ResourceAlreadyExistsException": _name_taken,
    **dict.fromkeys(("Unsupported", "UnsupportedOperation", "InvalidVolume.ZoneMismatch"), _cannot),
    **dict.fromkeys(("VcpuLimitExceededForFamily", "InstanceTypeNotSupported"), _cannot),
    **dict.fromkeys(
        (
            "ResourceNotFoundException",
            "NoSuchBucket",
            "NoSuchEntity",
            "ParameterNotFound",
            "NoSuchResourceException",
            "404",
            "NoSuchHostedZone",
        ),
        _gone,
    ),
    **dict.fromkeys(("NoSuchKey", "NoSuchTagSet", "NoSuchUpload", "NotFoundException"), _gone),
    "InvalidGroupId.Malformed": _gone,
    "TargetGroupNotFound": _gone,
    "InvalidAMIID.Unavailable": _not_yet,
}

_IN_STATE = ("InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "InternalErrorException")
"""Server errors: AWS may have done the work."""


def refusal_of(code: str, sentence: str, asked: Asked, *, status: int = 400) -> CloudError:
    """The error for AWS's own; `sentence` is AWS's, shown as the reason."""
    row = _BY_CODE.get(code)
    if row is None and (status >= 500 or code in _IN_STATE):
        return _server_error(code, sentence, asked)
    if row is None and (code.endswith((".NotFound", ".NotFoundException", ".Unknown")) or ".Malformed" in code):
        row = _gone
    if row is None and code.endswith("LimitExceeded"):
        row = _quota_exceeded
    row = row or _refused
    return row(asked.operation, f"AWS says {code}: {sentence.strip()[:400]}")


def lost_reply(asked: Asked, reason: str) -> CloudError:
    """No answer came. A read may be repeated; a change may have happened."""
    if not asked.is_changing:
        return TransientError(
            "aws-unreachable",
            f"AWS did not answer {asked.operation}.",
            why=reason,
            fix="Nothing: it is asked again. If that does not help, look at the network and the endpoint.",
        )
    return LostReplyError(
        "aws-reply-lost",
        f"No answer came to {asked.operation}.",
        why=reason,
        fix="Nothing: the director looks whether it happened.",
    )


def unreachable(asked: Asked, reason: str) -> CloudError:
    """The call never left: no name, no route, no TLS. Nothing happened."""
    return TransientError(
        "aws-unreachable",
        f"AWS could not be reached for {asked.operation}.",
        why=reason,
        fix="Look at the network, the region and endpoint_url; the call is sent again a few times.",
    )


def untrusted(reason: str) -> CloudError:
    """Whoever answers is not who the certificate says."""
    return DeniedError(
        "aws-not-trusted",
        "Who answers for AWS cannot be trusted.",
        why=reason,
        fix="Write the file of your authority's certificates as `ca`, or correct endpoint_url.",
    )


def unreadable(asked: Asked, reason: str) -> CloudError:
    """The SDK would not send it: a parameter has no shape that AWS knows."""
    return CloudError("aws-request-malformed", f"{asked.operation} has a parameter of the wrong shape.", why=reason)


def no_credentials(reason: str) -> CloudError:
    """Nobody said who we are."""
    return DeniedError(
        "aws-credentials-missing",
        "There are no AWS credentials.",
        why=reason,
        fix="Write access_key_id and secret_access_key, or profile, in the environment's file; or set AWS_PROFILE.",
    )


def signed_out(reason: str, *, profile: str) -> CloudError:
    """IAM Identity Center (single sign-on) has no valid login on this machine. Nothing was sent."""
    named = f" --profile {profile}" if profile else ""
    return DeniedError(
        "aws-signed-out",
        "You are not signed in to AWS IAM Identity Center, or the sign-in has expired.",
        why=reason,
        fix=f"Run `aws sso login{named}`, then run the same command; it continues.",
    )


def mfa_needed(prompt: str) -> CloudError:
    """A profile wants a code of a person. Nothing was sent."""
    return DeniedError(
        "aws-mfa-needed",
        "The AWS profile needs an MFA code, and compleat does not ask for one.",
        why=f"The profile has mfa_serial; the AWS SDK would ask: {prompt}",
        fix="Get a session with `aws sts get-session-token` or `aws configure export-credentials`, and set its "
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; or use a profile without mfa_serial.",
    )


def _server_error(code: str, sentence: str, asked: Asked) -> CloudError:
    why = f"AWS says {code}: {sentence.strip()[:400]}"
    if asked.is_changing:
        return LostReplyError(
            "aws-server-error",
            f"AWS failed at {asked.operation}, and may have done it.",
            why=why,
            fix="Nothing: the director looks whether it happened.",
        )
    return TransientError(
        "aws-hiccup", f"AWS failed at {asked.operation} and changed nothing.", why=why, fix="Nothing: it is sent again."
    )
