"""From Azure's error codes to cpi.contract.errors: one table, with why and fix.

Takes an answer's status, body and headers, gives the error to raise. Any 409 may mean anything: only the code decides.
"""

import re
from collections.abc import Iterator, Mapping
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
from cpi.contract.values import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What Azure said. `details` are the codes of nested errors, outermost first."""

    status: int
    code: str
    message: str
    details: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    """What the policies are called that forbid it, each with its assignment's id."""
    after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one code is told."""

    kind: type[CloudError]
    code: str
    fix: str


_QUOTA = Row(
    kind=NoCapacityError,
    code="azure-quota",
    fix="Delete what is not needed, or ask for a higher limit: `compleat doctor --request-quota`.",
)
_CAPACITY = Row(
    kind=NoCapacityError,
    code="azure-no-capacity",
    fix="Choose another instance_type, zone or location, or try again later.",
)
_DENIED = Row(
    kind=DeniedError,
    code="azure-denied",
    fix="Run `compleat azure create-principal` for the environment, or have somebody give who signs in the role.",
)
SIGN_IN = "azure-sign-in"
_SIGN_IN = Row(kind=DeniedError, code=SIGN_IN, fix="Correct the environment's credentials, or sign in again.")
_IN_USE = Row(kind=ConflictError, code="azure-in-use", fix="Delete or detach first what uses it.")
_MISSING = Row(kind=NotFoundError, code="azure-missing", fix="Check the name and the resource group.")
_TAKEN = Row(kind=ConflictError, code="azure-address-taken", fix="Choose another address, or free this one.")
_CHANGED = Row(kind=ConflictError, code="azure-differs", fix="Recreate it: what exists cannot be changed in this way.")
_BUSY = Row(kind=TransientError, code="azure-busy", fix="Nothing has to be done: it is tried again.")
_REFUSED = Row(kind=CloudError, code="azure-refused", fix="Correct what Azure names, in the manifest or cloud config.")
_DIRECTORY = Row(
    kind=DeniedError,
    code="azure-directory-denied",
    fix="Sign in as somebody with the role Application Developer or Application Administrator in the tenant.",
)
CONTAINER_MISSING = "azure-container-missing"
_CONTAINER = Row(kind=NotFoundError, code=CONTAINER_MISSING, fix="Run the command again: it makes what is missing.")
_KEYLESS = Row(
    kind=NotSupportedError,
    code="azure-keys-forbidden",
    fix="Nothing has to be done, packages go by SSH. Allow keys on the storage account, and VMs fetch them there.",
)
_SHUT = Row(
    kind=NotSupportedError,
    code="azure-storage-closed",
    fix="Nothing has to be done, packages go by SSH. Let this machine in, in the storage account's network settings, "
    "and VMs fetch them there.",
)
_SOON = Row(kind=TransientError, code="azure-not-known-yet", fix="Nothing has to be done: it is tried again.")
_REGISTER = Row(
    kind=DeniedError,
    code="azure-provider-missing",
    fix="Run `az provider register --namespace NAME` as the subscription's owner, for the namespace named above.",
)

POLICY = "RequestDisallowedByPolicy"
_POLICY = Row(
    kind=DeniedError,
    code="azure-policy",
    fix="Write what the policy asks for into the environment's file (a tag under `tags`, `public_sources`, "
    "`location`), or have the policy's owner exempt the resource group: `az policy exemption create`.",
)

TABLE: Mapping[str, Row] = {
    "AccountNameInvalid": _REFUSED,
    "AllocationFailed": _CAPACITY,
    "DnsRecordInUse": Row(
        kind=ConflictError, code="azure-dns-name-taken", fix="Choose another one in dns_names, or delete what has it."
    ),
    "AnotherOperationInProgress": _BUSY,
    "AttachDiskWhileBeingDetached": _BUSY,
    "AuthenticationFailed": _SIGN_IN,
    "AuthorizationFailed": _DENIED,
    "AuthorizationFailure": _SHUT,
    "Authorization_IdentityNotFound": _SOON,
    "Authorization_RequestDenied": _DIRECTORY,
    "BlobNotFound": _MISSING,
    "ConflictingUserInput": _IN_USE,
    "ContainerBeingDeleted": _BUSY,
    "ContainerNotFound": _CONTAINER,
    "CredentialInvalidLifetimeAsPerAppPolicy": Row(
        kind=CloudError, code="azure-secret-life", fix="The tenant wants shorter lives: choose fewer `--days`."
    ),
    "Directory_ConcurrencyViolation": _BUSY,
    "Directory_QuotaExceeded": Row(
        kind=NoCapacityError,
        code="azure-directory-quota",
        fix="Delete applications that you made and need no more, or sign in as somebody else.",
    ),
    "DiskServiceInternalError": _BUSY,
    "ExpiredAuthenticationToken": _SIGN_IN,
    "InUseNetworkSecurityGroupCannotBeDeleted": _IN_USE,
    "InUseSubnetCannotBeDeleted": _IN_USE,
    "InvalidAuthenticationToken": _SIGN_IN,
    "InvalidAuthenticationTokenTenant": _SIGN_IN,
    "InvalidResourceReference": _MISSING,
    "KeyBasedAuthenticationNotPermitted": _KEYLESS,
    "LinkedAuthorizationFailed": _DENIED,
    "MissingSubscriptionRegistration": _REGISTER,
    "NicInUse": _IN_USE,
    "NoBackingApplicationObject": _SOON,
    "NotFound": _MISSING,
    "OverconstrainedAllocationRequest": _CAPACITY,
    "OverconstrainedZonalAllocationRequest": _CAPACITY,
    "ParentResourceNotFound": _MISSING,
    "PlatformImageNotFound": _MISSING,
    "PrincipalNotFound": _SOON,
    "PrivateIPAddressInReservedRange": _REFUSED,
    "PrivateIPAddressIsAllocated": _TAKEN,
    "PropertyChangeNotAllowed": _CHANGED,
    "PublicIPAddressCannotBeDeleted": _IN_USE,
    "PublicIPAddressInUse": _TAKEN,
    "PublicIPCountLimitReached": _QUOTA,
    "QuotaExceeded": _QUOTA,
    "ReferencedResourceNotProvisioned": _BUSY,
    "RequestDisallowedByAzure": Row(
        kind=DeniedError, code="azure-location-closed", fix="Write another `location`, which Azure names above."
    ),
    POLICY: _POLICY,
    "ResourceGroupBeingDeleted": _BUSY,
    "ResourceGroupNotFound": _MISSING,
    "ResourceNotFound": _MISSING,
    "Request_MultipleObjectsWithSameKeyValue": Row(
        kind=ConflictError,
        code="azure-application-deleted",
        fix="Restore the deleted application in the portal (App registrations, Deleted), or delete it for good there.",
    ),
    "Request_ResourceNotFound": _MISSING,
    "RetryableError": _BUSY,
    "RetryableErrorDueToAnotherOperation": _BUSY,
    "RoleAssignmentExists": Row(kind=ConflictError, code="azure-role-exists", fix="Nothing: the role is given."),
    "RoleDefinitionDoesNotExist": Row(kind=NotFoundError, code="azure-role-unknown", fix="Correct `--role`."),
    "ScopeLocked": _DENIED,
    "SkuNotAvailable": _CAPACITY,
    "StorageAccountAlreadyTaken": Row(
        kind=ConflictError, code="azure-account-taken", fix="Choose another storage_account_prefix."
    ),
    "SubnetIsFull": Row(kind=NoCapacityError, code="azure-subnet-full", fix="Use a larger subnet."),
    "SubscriptionNotFound": Row(
        kind=DeniedError,
        code="azure-subscription-unknown",
        fix="Correct subscription_id in the environment's file: `az account list` shows those you may use.",
    ),
    "ZonalAllocationFailed": _CAPACITY,
}
_FAILED = Row(
    kind=CloudError,
    code="azure-operation-failed",
    fix="Run the command again; if it stays so, give Azure's words above to its support.",
)
_BY_STATUS: Mapping[int, Row] = {
    200: _FAILED,
    401: _SIGN_IN,
    403: _DENIED,
    404: _MISSING,
    408: _BUSY,
    409: _IN_USE,
    412: _CHANGED,
}
_THROTTLES = frozenset({"TooManyRequests", "SubscriptionRequestsThrottled", "OperationNotAllowed"})
_BUSY_BLOBS = frozenset({"ServerBusy"})
"""How blobs say 429."""
_BLOB_CODE = "x-ms-error-code"
_BLOB_MESSAGE = re.compile(r"<Message>([^<]*)")
_SECRETS = re.compile(r"(?i)(bearer |sig=|client_secret=|password[\"': =]+)[^\s\"'&]+")
_DEFAULT_PAUSE_S = 5.0


def read_refusal(status: int, body: JsonValue, headers: Mapping[str, str]) -> Refusal:
    """What an error answer says; bodies come as {"error": {...}}, bare, or not at all, and those of blobs as XML."""
    inner: JsonValue = _read_blob_error(body, headers) or body
    if isinstance(body, Mapping):
        inner = next((body[key] for key in ("error", "Error") if isinstance(body.get(key), Mapping)), body)
    found = _words(inner)
    return Refusal(
        status=status,
        code=found[0],
        message=found[1],
        details=_nested(inner),
        policies=tuple(dict.fromkeys(_policies(inner))),
        after_s=read_pause(headers, default_s=_DEFAULT_PAUSE_S) if status == 429 or found[0] in _BUSY_BLOBS else 0.0,
    )


def explain(refusal: Refusal, doing: str) -> CloudError:
    """The error to raise for what happened while `doing` ("PUT virtualMachines/web")."""
    why = redact(f"Azure answered {refusal.status} {refusal.code}: {refusal.message}".strip())
    what = f"Azure refused: {doing}."
    row = _row(refusal)
    if row is None and (refusal.status == 429 or refusal.code in _BUSY_BLOBS):
        return ThrottledError("azure-throttled", f"Azure asks for patience: {doing}.", why=why, after_s=refusal.after_s)
    if row is None and refusal.status >= 500:
        return LostReplyError("azure-server-error", f"Azure failed: {doing}.", why=why, fix=_BUSY.fix)
    if row is _POLICY and refusal.policies:
        why = redact(f"{', '.join(refusal.policies)} forbids it. {why}")
        what = f"A policy of the subscription refused: {doing}."
    chosen = row or _BY_STATUS.get(refusal.status, _REFUSED)
    return chosen.kind(chosen.code, what, why=why, fix=chosen.fix)


def explain_unreachable(error: Exception, doing: str) -> CloudError:
    """The error to raise when no answer came while `doing`; nothing was done, or so it may be taken."""
    why = redact(str(error))[:300]
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return DeniedError(
            "azure-not-trusted",
            f"The certificate of Azure's server is not trusted: {doing}.",
            why=why,
            fix="Correct `endpoints`, or name the certificates to trust there as `ca_file`.",
        )
    return TransientError(
        "azure-unreachable",
        f"Azure cannot be reached: {doing}.",
        why=why,
        fix="Correct `endpoints` in the environment's file if they are wrong, or wait until the network is back.",
    )


def read_pause(headers: Mapping[str, str], *, default_s: float) -> float:
    """The seconds that an answer asks to wait."""
    lower = {name.lower(): value for name, value in headers.items()}
    for name, unit in (("x-ms-retry-after-ms", 1000.0), ("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(lower[name]) / unit)
        except (KeyError, ValueError):
            continue
    return default_s


def redact(text: str) -> str:
    """Words without tokens, signatures and passwords."""
    return _SECRETS.sub(r"\1[hidden]", text)


def _row(refusal: Refusal) -> Row | None:
    if "does not reference a valid application object" in refusal.message:
        return _SOON  # Graph says so of an application that another of its servers made a moment ago
    if refusal.code == "OperationNotAllowed" and refusal.status != 429:
        return _not_allowed(refusal)
    if refusal.status == 429 and not set(refusal.details) & {"ReferencedResourceNotProvisioned"}:
        return None
    if refusal.status >= 500:
        return None
    codes = (*reversed(refusal.details), refusal.code)
    return next((TABLE[code] for code in codes if code in TABLE), None)


def _not_allowed(refusal: Refusal) -> Row:
    """One code for many reasons: the words tell a quota from a disk in use."""
    words = refusal.message.lower()
    if "quota" in words:
        return _QUOTA
    if "maximum number of data disks" in words:
        return Row(kind=CloudError, code="azure-too-many-disks", fix="Choose a larger instance_type.")
    return _IN_USE


def _words(inner: JsonValue) -> tuple[str, str]:
    if not isinstance(inner, Mapping):
        return "", str(inner or "")[:400]
    code = inner.get("code") or inner.get("Code") or ""
    message = inner.get("message") or inner.get("Message") or ""
    return str(code), str(message)[:800]


def _read_blob_error(body: JsonValue, headers: Mapping[str, str]) -> JsonValue:
    """Code and message of a refusal by the blob service, which tells the code in a header; None: it is not one."""
    code = next((value for name, value in headers.items() if name.lower() == _BLOB_CODE), "")
    if not code or isinstance(body, Mapping):
        return None
    message = _BLOB_MESSAGE.search(body) if isinstance(body, str) else None
    return {"code": code, "message": message[1].splitlines()[0] if message and message[1] else ""}


def _policies(inner: JsonValue) -> Iterator[str]:
    """Source: MicrosoftDocs/azure-docs articles/governance/policy/how-to/get-compliance-data.md, PolicyViolation."""
    if not isinstance(inner, Mapping):
        return
    infos = inner.get("additionalInfo")
    for info in infos if isinstance(infos, list | tuple) else ():
        told = info.get("info") if isinstance(info, Mapping) and info.get("type") == "PolicyViolation" else None
        if isinstance(told, Mapping):
            name = told.get("policyDefinitionDisplayName") or told.get("policyDefinitionName")
            yield f"Policy '{name}' (assignment {told.get('policyAssignmentId')})"
    details = inner.get("details")
    for one in details if isinstance(details, list | tuple) else ():
        yield from _policies(one)


def _nested(inner: JsonValue) -> tuple[str, ...]:
    if not isinstance(inner, Mapping):
        return ()
    details = inner.get("details")
    if not isinstance(details, list | tuple):
        return ()
    codes: list[str] = []
    for one in details:
        codes += [_words(one)[0], *_nested(one)]
    return tuple(code for code in codes if code)
