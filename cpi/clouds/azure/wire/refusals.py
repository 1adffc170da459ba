"""Azure's answers as rows of one table, and the errors that Azure alone has.

Takes an answer's status, body and headers, gives the error to raise. Any 409 may mean anything: only the code decides.
"""

import re
from collections.abc import Iterator, Mapping

from cpi.contract.errors import (
    CloudError,
    ConflictError,
    DeniedError,
    NoCapacityError,
    NotFoundError,
    NotSupportedError,
)
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from cpi.kit import pauses
from cpi.kit import refusal_rows as rows
from cpi.kit.refusal_rows import Row
from cpi.kit.refusals import Call, CloudAnswer, RefusalTable, Wire, Words, coded

MOST_PAGES = 1000
SIGN_IN = rows.CREDENTIALS_REFUSED.code
CONTAINER_MISSING = "storage-missing"
POLICY = "RequestDisallowedByPolicy"

_CONTAINER = Row(
    kind=NotFoundError,
    code=CONTAINER_MISSING,
    what="The landing zone has no container for blobs on {cloud}.",
    fix="Run the command again: it creates what is missing.",
)
_NO_CHANGE = Row(
    kind=ConflictError,
    code="change-not-possible",
    what="{cloud} does not allow this change of an existing resource: {call}.",
    fix="Recreate it.",
)
_DIRECTORY = Row(
    kind=DeniedError,
    code="directory-not-authorized",
    what="The directory of the tenant does not allow {call}.",
    fix="Sign in as a user with the role Application Developer or Application Administrator in the tenant.",
)
_DIRECTORY_QUOTA = Row(
    kind=NoCapacityError,
    code="directory-quota-exceeded",
    what="The tenant's directory accepts no more objects of this user.",
    fix="Delete applications that you created and no longer need, or sign in as another user.",
)
_KEYLESS = Row(
    kind=NotSupportedError,
    code="storage-keys-forbidden",
    what="The storage account rejects signatures made with its keys.",
    fix="No action needed: packages are sent by SSH. To let VMs fetch them, allow keys on the storage account.",
)
_SHUT = Row(
    kind=NotSupportedError,
    code="storage-closed",
    what="The storage account rejects calls from this machine.",
    fix="No action needed: packages are sent by SSH. To let VMs fetch them, allow this machine in the storage "
    "account's network settings.",
)
_REGISTER = Row(
    kind=DeniedError,
    code="provider-not-registered",
    what="The subscription is not registered for a provider that {call} needs.",
    fix="Run `az provider register --namespace NAME` as the subscription's owner, for the namespace named above.",
)
_POLICY = Row(
    kind=DeniedError,
    code="policy-refused",
    what="A policy of the subscription refused {call}.",
    fix="Set what the policy requires in the environment's file (a tag under `tags`, `public_sources`, `location`), "
    "or ask the policy's owner to exempt the resource group: `az policy exemption create`.",
)
_DNS_NAME_TAKEN = Row(
    kind=ConflictError,
    code="dns-name-taken",
    what="The DNS name requested by {call} is taken.",
    fix="Choose another name in dns_names, or delete the resource that has it.",
)
_SECRET_LIFE = Row(
    kind=CloudError,
    code="secret-life-too-long",
    what="The tenant does not allow such a long lifetime of a secret.",
    fix="Choose fewer `--days`.",
)
_LOCATION_CLOSED = Row(
    kind=DeniedError,
    code="location-closed",
    what="{cloud} does not allow the subscription to use this location.",
    fix="Set another `location`; {cloud} names the allowed ones above.",
)
_APPLICATION_DELETED = Row(
    kind=ConflictError,
    code="application-deleted",
    what="A deleted application still has that name.",
    fix="Restore it in the portal (App registrations, Deleted applications), or delete it there permanently.",
)
_ROLE_ASSIGNED = Row(
    kind=ConflictError, code="role-assigned", what="The role is already assigned.", fix="No action needed."
)
_UNKNOWN_ROLE = Row(kind=NotFoundError, code="unknown-role", what="The role does not exist.", fix="Correct `--role`.")
_UNKNOWN_SUBSCRIPTION = Row(
    kind=DeniedError,
    code="unknown-subscription",
    what="{cloud} has no such subscription for these credentials.",
    fix="Correct subscription_id in the environment's file: `az account list` shows those you may use.",
)
_TOO_MANY_DISKS = Row(
    kind=CloudError,
    code="too-many-disks",
    what="The VM already has the most disks that {cloud} allows for its size.",
    fix="Choose a larger instance_type.",
)
_OPERATION_FAILED = Row(
    kind=CloudError,
    code="operation-failed",
    what="{cloud} accepted {call}, but it failed.",
    fix="Run the command again; if it fails again, send {cloud}'s message above to its support.",
)
_ACCOUNT_TAKEN = rows.NAME_TAKEN.but(fix="Choose another storage_account_prefix.")

_TABLE = RefusalTable(
    by_words=(
        # Graph says so of an application that another of its servers made a moment ago.
        Words(pattern="does not reference a valid application object", row=rows.NOT_VISIBLE),
        Words(pattern="^OperationNotAllowed .*quota", row=rows.QUOTA_EXCEEDED),
        Words(pattern="^OperationNotAllowed .*maximum number of data disks", row=_TOO_MANY_DISKS),
    ),
    by_code=coded(
        {
            rows.REFUSED: "AccountNameInvalid PrivateIPAddressInReservedRange",
            rows.NO_CAPACITY: "AllocationFailed OverconstrainedAllocationRequest OverconstrainedZonalAllocationRequest"
            " SkuNotAvailable ZonalAllocationFailed",
            rows.NOT_READY: "AnotherOperationInProgress AttachDiskWhileBeingDetached ContainerBeingDeleted"
            " Directory_ConcurrencyViolation DiskServiceInternalError ReferencedResourceNotProvisioned"
            " ResourceGroupBeingDeleted RetryableError RetryableErrorDueToAnotherOperation",
            rows.CREDENTIALS_REFUSED: "AuthenticationFailed ExpiredAuthenticationToken InvalidAuthenticationToken"
            " InvalidAuthenticationTokenTenant",
            rows.NOT_AUTHORIZED: "AuthorizationFailed LinkedAuthorizationFailed ScopeLocked",
            rows.NOT_VISIBLE: "Authorization_IdentityNotFound NoBackingApplicationObject PrincipalNotFound",
            rows.NOT_FOUND: "BlobNotFound InvalidResourceReference NotFound ParentResourceNotFound"
            " PlatformImageNotFound ResourceGroupNotFound ResourceNotFound Request_ResourceNotFound",
            rows.IN_USE: "ConflictingUserInput InUseNatGatewayCannotBeDeleted InUseNetworkSecurityGroupCannotBeDeleted"
            " InUseRouteTableCannotBeDeleted InUseSubnetCannotBeDeleted NicInUse OperationNotAllowed"
            " PublicIPAddressCannotBeDeleted",
            rows.ADDRESS_TAKEN: "PrivateIPAddressIsAllocated PublicIPAddressInUse",
            rows.QUOTA_EXCEEDED: "PublicIPCountLimitReached QuotaExceeded",
            rows.SUBNET_FULL: "SubnetIsFull",
            rows.THROTTLED: "ServerBusy",
            _ACCOUNT_TAKEN: "StorageAccountAlreadyTaken",
            _APPLICATION_DELETED: "Request_MultipleObjectsWithSameKeyValue",
            _CONTAINER: "ContainerNotFound",
            _DIRECTORY: "Authorization_RequestDenied",
            _DIRECTORY_QUOTA: "Directory_QuotaExceeded",
            _DNS_NAME_TAKEN: "DnsRecordInUse",
            _KEYLESS: "KeyBasedAuthenticationNotPermitted",
            _LOCATION_CLOSED: "RequestDisallowedByAzure",
            _NO_CHANGE: "PropertyChangeNotAllowed",
            _POLICY: POLICY,
            _REGISTER: "MissingSubscriptionRegistration",
            _ROLE_ASSIGNED: "RoleAssignmentExists",
            _SECRET_LIFE: "CredentialInvalidLifetimeAsPerAppPolicy",
            _SHUT: "AuthorizationFailure",
            _UNKNOWN_ROLE: "RoleDefinitionDoesNotExist",
            _UNKNOWN_SUBSCRIPTION: "SubscriptionNotFound",
        }
    ),
    by_status={200: _OPERATION_FAILED, 408: rows.NOT_READY, 409: rows.IN_USE, 412: _NO_CHANGE},
)

WIRE = Wire(
    name="Azure",
    endpoint="`endpoints` in the environment's file",
    ca="`ca_file`",
    credentials="the credentials",
    access="Run `compleat azure create-principal` for the environment, or ask an owner to assign the role to the "
    "principal.",
    quota="Request an increase with `compleat doctor --request-quota`",
    table=_TABLE,
)

_BUSY_BLOBS = "ServerBusy"
"""How blobs say 429."""
_NOT_READY = "ReferencedResourceNotProvisioned"
"""The one 429 that asks for no fewer calls."""
_BLOB_CODE = "x-ms-error-code"
_BLOB_MESSAGE = re.compile(r"<Message>([^<]*)")
_SECRETS = re.compile(r"(?i)(bearer |sig=|client_secret=|password[\"': =]+)[^\s\"'&]+")
_DEFAULT_PAUSE_S = 5.0


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


class RefusedCall(Exception):
    """The cause of an error that a refusal became: the whole answer, for the few that read more of it."""

    def __init__(self, body: JsonValue) -> None:
        super().__init__()
        self.body = body


def body_of(error: CloudError) -> JsonValue:
    """Azure's answer that became the error; None where it became of anything else."""
    return error.__cause__.body if isinstance(error.__cause__, RefusedCall) else None


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
        after_s=read_pause(headers, default_s=_DEFAULT_PAUSE_S) if status == 429 or found[0] == _BUSY_BLOBS else 0.0,
    )


def explain(refusal: Refusal, doing: str) -> CloudError:
    """The error to raise for what happened while `doing` ("PUT virtualMachines/web")."""
    why = f"Azure answered {refusal.status} {refusal.code}: {refusal.message}".strip()
    if refusal.policies:
        why = f"{', '.join(refusal.policies)} forbids it. {why}"
    is_shown = _is_shown(refusal)
    answer = CloudAnswer(
        status=refusal.status,
        codes=(*reversed(refusal.details), refusal.code) if is_shown else (),
        words=f"{refusal.code} {refusal.message}" if is_shown else "",
        why=redact(why),
        after_s=refusal.after_s,
    )
    return WIRE.refusal(answer, _call(doing))


def explain_unreachable(error: Exception, doing: str) -> CloudError:
    """The error to raise when no answer came while `doing`; nothing was done, or so it may be taken."""
    why = redact(str(error))[:300]
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return WIRE.untrusted(why)
    return WIRE.unreachable(_call(doing), why)


def explain_lost(error: Exception, doing: str) -> CloudError:
    """The error to raise when the call was sent and its answer did not come."""
    return WIRE.lost(_call(doing), redact(str(error))[:300])


def explain_malformed(why: str, doing: str) -> CloudError:
    """The error to raise for an answer that is not Azure's, such as a proxy's page."""
    return WIRE.malformed(_call(doing), why)


def endless(what: str) -> CloudError:
    """A list whose pages lead to further ones without end."""
    return CloudError("list-endless", f"The list of {what} has more than {MOST_PAGES} pages.")


def read_pause(headers: Mapping[str, str], *, default_s: float) -> float:
    """The seconds that an answer asks to wait."""
    lower = {name.lower(): value for name, value in headers.items()}
    for name, unit in (("x-ms-retry-after-ms", 1000.0), ("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        pause_s = pauses.read_pause(lower.get(name, ""), default_s=-1.0, unit=unit)
        if pause_s >= 0.0:
            return pause_s
    return default_s


def redact(text: str) -> str:
    """Words without tokens, signatures and passwords."""
    return _SECRETS.sub(r"\1[hidden]", text)


def _call(doing: str) -> Call:
    return Call(name=doing, is_changing=not doing.startswith(("GET ", "HEAD ")))


def _is_shown(refusal: Refusal) -> bool:
    """Whether the code says what happened; otherwise the status does, whatever the code."""
    if refusal.status == 429:
        return _NOT_READY in refusal.details
    return refusal.status < 500 or refusal.code == _BUSY_BLOBS


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
        answer = info.get("info") if isinstance(info, Mapping) and info.get("type") == "PolicyViolation" else None
        if isinstance(answer, Mapping):
            name = answer.get("policyDefinitionDisplayName") or answer.get("policyDefinitionName")
            yield f"Policy '{name}' (assignment {answer.get('policyAssignmentId')})"
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
