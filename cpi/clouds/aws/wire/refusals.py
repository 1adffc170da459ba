"""AWS's answers as rows of one table, and the errors that AWS alone has.

Takes a code, AWS's own sentence and the call, gives a CloudError. Repeats no parameter but what AWS itself says.
"""

from cpi.contract.errors import CloudError, ConflictError, DeniedError
from cpi.kit import refusal_rows as rows
from cpi.kit import tag_limits
from cpi.kit.refusal_rows import Row
from cpi.kit.refusals import Call, CloudAnswer, RefusalTable, Wire, coded

_ACCOUNT_NOT_ENABLED = Row(
    kind=DeniedError,
    code="account-not-enabled",
    what="This account may not use the service or region on {cloud} yet.",
    fix="Enable the region, or accept the image's terms, in {cloud}'s console.",
)
_TOO_MANY_TAGS = Row(
    kind=CloudError,
    code=tag_limits.TOO_MANY,
    what="{cloud} accepts no more tags on that resource ({call}).",
    fix="Set fewer tags in the environment's file, the manifest and the cloud config.",
)
_MODIFIED_LATELY = Row(
    kind=ConflictError,
    code="disk-modified-lately",
    what="{cloud} does not allow another change of that disk yet.",
    fix="Wait: a disk can be changed once every six hours; then run the same command.",
)
_TOKEN_REUSED = Row(
    kind=ConflictError,
    code="token-reused",
    what="The same action sent {cloud} a different request before.",
    fix="Run the command again: it plans from the current state.",
)
_REQUEST_MALFORMED = Row(
    kind=CloudError,
    code="request-malformed",
    what="{call} has an invalid parameter.",
    fix="Correct the cloud property that {cloud}'s SDK names.",
)

_EXPIRED = rows.CREDENTIALS_EXPIRED.but(
    fix="Renew them (for single sign-on: `aws sso login`), then run the same command; it continues."
)

_TABLE = RefusalTable(
    by_code=coded(
        {
            rows.NOT_AUTHORIZED: "UnauthorizedOperation AccessDenied AccessDeniedException AuthorizationError"
            " AllAccessDisabled Forbidden 403 InvalidAccessException",
            rows.CREDENTIALS_REFUSED: "AuthFailure InvalidClientTokenId SignatureDoesNotMatch InvalidAccessKeyId"
            " IncompleteSignature UnrecognizedClientException MissingAuthenticationToken InvalidSignatureException",
            _EXPIRED: "ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired",
            _ACCOUNT_NOT_ENABLED: "OptInRequired PendingVerification Blocked SubscriptionRequiredException",
            rows.NO_CAPACITY: "InsufficientInstanceCapacity InsufficientHostCapacity InsufficientCapacity"
            " SpotMaxPriceTooLow InsufficientReservedInstanceCapacity InsufficientVolumeCapacity",
            rows.QUOTA_EXCEEDED: "VcpuLimitExceeded InstanceLimitExceeded VolumeLimitExceeded AddressLimitExceeded"
            " MaxSpotInstanceCountExceeded SnapshotLimitExceeded TooManyBuckets PendingSnapshotLimitExceeded"
            " QuotaExceededException ResourceLimitExceeded TooManyLoadBalancers TooManyTargetGroups"
            " TooManyListeners",
            rows.SUBNET_FULL: "InsufficientFreeAddressesInSubnet",
            rows.THROTTLED: "RequestLimitExceeded Throttling ThrottlingException TooManyRequestsException SlowDown"
            " RequestThrottled EC2ThrottledException PriorRequestNotComplete ThrottledException"
            " BandwidthLimitExceeded SnapshotCreationPerVolumeRateExceeded",
            _TOO_MANY_TAGS: "TagLimitExceeded",
            rows.NOT_READY: "IncorrectState IncorrectInstanceState InvalidInstanceID InvalidTarget"
            " InvalidInstance InvalidSnapshot.Pending OperationAborted ConcurrentTagAccess InvalidAMIID.Unavailable",
            _MODIFIED_LATELY: "IncorrectModificationState VolumeModificationRateExceeded",
            rows.IN_USE: "DependencyViolation VolumeInUse InvalidSnapshot.InUse InvalidIPAddress.InUse BucketNotEmpty"
            " ResourceInUse InvalidNetworkInterface.InUse OperationNotPermitted Client.CannotDelete",
            rows.ADDRESS_TAKEN: "Resource.AlreadyAssociated",
            _TOKEN_REUSED: "IdempotentParameterMismatch",
            rows.NAME_TAKEN: "BucketAlreadyExists InvalidKeyPair.Duplicate InvalidGroup.Duplicate"
            " InvalidSubnet.Conflict InvalidAMIName.Duplicate BucketAlreadyOwnedByYou"
            " InvalidLaunchTemplateName.AlreadyExistsException ResourceAlreadyExistsException"
            " DuplicateLoadBalancerName DuplicateTargetGroupName",
            rows.NOT_SUPPORTED: "Unsupported UnsupportedOperation InvalidVolume.ZoneMismatch"
            " VcpuLimitExceededForFamily InstanceTypeNotSupported",
            rows.NOT_FOUND: "ResourceNotFoundException NoSuchBucket NoSuchEntity ParameterNotFound"
            " NoSuchResourceException 404 NoSuchHostedZone NoSuchKey NoSuchTagSet NoSuchUpload NotFoundException"
            " TargetGroupNotFound LoadBalancerNotFound ListenerNotFound AccessPointNotFound InvalidGroupId.Malformed",
            rows.SERVER_ERROR: "InternalError InternalFailure ServiceUnavailable Unavailable InternalErrorException",
        }
    ),
    by_suffix={
        ".NotFound": rows.NOT_FOUND,
        ".NotFoundException": rows.NOT_FOUND,
        ".Unknown": rows.NOT_FOUND,
        ".Malformed": rows.NOT_FOUND,
        "LimitExceeded": rows.QUOTA_EXCEEDED,
    },
)

WIRE = Wire(
    name="AWS",
    endpoint="the region and endpoint_url",
    ca="`ca`",
    credentials="access_key_id and secret_access_key, or the profile,",
    access="Give the user or role a policy that allows it; `compleat doctor` lists every missing permission.",
    quota="Request an increase with `compleat doctor --request-quota`",
    table=_TABLE,
)


def refusal_of(code: str, sentence: str, call: Call, *, status: int = 400) -> CloudError:
    """The error for AWS's own; `sentence` is AWS's, shown as the reason."""
    why = f"AWS reports {code}: {sentence.strip()[:400]}"
    return WIRE.refusal(CloudAnswer(status=status, codes=(code,), why=why), call)


def unreadable(call: Call, reason: str) -> CloudError:
    """The SDK would not send it: a parameter has no shape that AWS knows."""
    return WIRE.error(_REQUEST_MALFORMED, call, reason)


def no_credentials(reason: str) -> CloudError:
    """The environment's file, the environment and the machine name no credentials."""
    return DeniedError(
        "credentials-missing",
        "No AWS credentials were found.",
        why=reason,
        fix="Set access_key_id and secret_access_key, or profile, in the environment's file; or set AWS_PROFILE.",
    )


def role_refused(reason: str, *, role: str) -> CloudError:
    """The role of the settings or the profile is not given to these credentials."""
    return DeniedError(
        "not-authorized",
        f"These credentials may not take on the role {role or 'of the profile'}.",
        why=reason,
        fix="Correct role_arn and external_id, or have the role's trust policy name these credentials and that id.",
    )


def signed_out(reason: str, *, profile: str) -> CloudError:
    """IAM Identity Center (single sign-on) has no valid login on this machine. Nothing was sent."""
    named = f" --profile {profile}" if profile else ""
    return DeniedError(
        "signed-out",
        "You are not signed in to AWS IAM Identity Center, or the sign-in has expired.",
        why=reason,
        fix=f"Run `aws sso login{named}`, then run the same command; it continues.",
    )


def mfa_needed(prompt: str) -> CloudError:
    """A profile wants a code of a person. Nothing was sent."""
    return DeniedError(
        "mfa-needed",
        "The AWS profile requires an MFA code, which compleat does not prompt for.",
        why=f"The profile has mfa_serial; the AWS SDK would ask: {prompt}",
        fix="Get a session with `aws sts get-session-token` or `aws configure export-credentials`, and set its "
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; or use a profile without mfa_serial.",
    )
