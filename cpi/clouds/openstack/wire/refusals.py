"""OpenStack's answers as rules of one table, and the errors that OpenStack alone has.

Takes a status, the service's own word and sentence, and the call; gives a CloudError. Repeats nothing that was sent.
"""

import json
import re
from collections.abc import Mapping

from cpi.contract.errors import CloudError, DeniedError, NoCapacityError, NotFoundError, NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.kit import pauses
from cpi.kit import refusal_rows as rows
from cpi.kit.refusal_rows import Row
from cpi.kit.refusals import Call, CloudAnswer, RefusalTable, Wire, Words

_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")

_NO_PUBLIC_ADDRESS = Row(
    kind=NoCapacityError,
    code="no-public-address-left",
    what="{cloud} has no free floating address for {call}.",
    fix="Ask the cloud's operator for more, or delete resources that hold floating addresses.",
)
_API_VERSION = Row(
    kind=NotSupportedError,
    code="api-version-not-supported",
    what="This {cloud} does not support the requested version of Nova's API.",
    fix="Set another compute_api_version, at least 2.60, in the environment's file.",
)
_REFUSING = (400, 403, 409, 413)

_TABLE = RefusalTable(
    by_words=(
        Words(pattern=r"rate limit|retry after|over rate", row=rows.THROTTLED, statuses=(413,)),
        Words(
            pattern=r"quota|LimitExceeded|TooManyInstances|exceeds? allowed",
            row=rows.QUOTA_EXCEEDED,
            statuses=_REFUSING,
        ),
        Words(pattern="ExternalIpAddressExhausted", row=_NO_PUBLIC_ADDRESS, statuses=(400, 409)),
        Words(
            pattern="IpAddressGenerationFailure|No more IP addresses|NoMoreFixedIps",
            row=rows.SUBNET_FULL,
            statuses=(400, 409),
        ),
        Words(
            pattern="IpAddressInUse|IpAddressAlreadyAllocated|AddressInUse",
            row=rows.ADDRESS_TAKEN,
            statuses=(400, 409),
        ),
        Words(
            pattern="FloatingIPPortAlreadyAssociated|AlreadyAssociated",
            row=rows.ADDRESS_TAKEN,
            statuses=(409,),
        ),
        Words(
            pattern="InvalidIpForNetwork|InvalidIpForSubnet|not a valid IP for",
            row=rows.ADDRESS_OUTSIDE,
            statuses=(400,),
        ),
        Words(pattern=r"InUse\b|In use|InUseBy", row=rows.IN_USE, statuses=(409,)),
        Words(
            pattern="task_state|vm_state|while the instance|is locked|being used by another",
            row=rows.NOT_READY,
            statuses=(400, 409),
        ),
        Words(
            pattern="immutable and cannot be updated|Invalid state PENDING_",
            row=rows.NOT_READY,
            statuses=(409,),
        ),
        Words(pattern="RetryRequest|StaleDataError|concurrent", row=rows.NOT_READY, statuses=(409,)),
    ),
    by_status={406: _API_VERSION, 409: rows.CONFLICT},
)

WIRE = Wire(
    name="OpenStack",
    endpoint="auth_url",
    ca="connection_options.ca_cert",
    credentials="user, password, project and domain, or the application credential,",
    access="Ask the cloud's operator for a role in the project that allows it, usually `member`.",
    quota="Ask the cloud's operator for more (`openstack quota show` lists it)",
    table=_TABLE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The call that failed."""

    method: str
    path: str

    @property
    def call(self) -> Call:
        """Without ids; it changes something unless it is a read."""
        name = f"{self.method} {_ID.sub('…', self.path)}"
        return Call(name=name, is_changing=self.method not in ("GET", "HEAD"))


def read_fault(status: int, text: str, headers: Mapping[str, str]) -> CloudAnswer:
    """Every service wraps its sentence in another way."""
    word, sentence = "", re.sub(r"<[^<>]*>", " ", text)
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and answer:
        word, inner = next(iter(answer.items()))
        inner = answer.get("faultstring") or inner  # Octavia's form
        sentence = str(inner)
        if isinstance(inner, dict):
            word = str(inner.get("type") or inner.get("title") or word)
            sentence = str(inner.get("message") or "")
    after = headers.get("Retry-After", "")
    shown = " ".join(sentence.split())[:400]
    return CloudAnswer(
        status=status,
        words=f"{word} {sentence}",
        why=f"OpenStack reports {status} {word}: {shown}".strip().rstrip(":"),
        after_s=pauses.read_pause(after, default_s=1.0) or 1.0,
    )


def no_host(call: Call, why: str) -> CloudError:
    """Nova found no place for a server."""
    return WIRE.error(rows.NO_CAPACITY, call, why)


def not_ready(what: str, why: str) -> CloudError:
    """Something is in between two states; the same call goes through a moment later."""
    return WIRE.error(rows.NOT_READY, Call(name=what, is_changing=False), why)


def not_signed_in(answer: CloudAnswer, why: str) -> CloudError:
    """Keystone's answer to a login, or a token that is worth nothing any more."""
    signing_in = Call(name="the sign-in", is_changing=False)
    if answer.status >= 500 or answer.status == 429:
        return WIRE.unreachable(signing_in, why)
    if answer.status == 404:
        return no_keystone(why)
    return WIRE.error(rows.CREDENTIALS_REFUSED, signing_in, why)


def no_keystone(why: str) -> CloudError:
    """What is at auth_url is something else."""
    return DeniedError(
        "endpoint-wrong",
        "No Keystone answers at auth_url.",
        why=why,
        fix="Correct auth_url in the environment's file; it usually ends in :5000/v3 or /identity/v3.",
    )


def not_usable(why: str) -> CloudError:
    """The SDK cannot make a login of what was written."""
    return DeniedError(
        "credentials-missing",
        "The settings contain no complete login for OpenStack.",
        why=why,
        fix="Correct the environment's file, or the cloud's entry in clouds.yaml.",
    )


def no_service(service: str, region: str) -> CloudError:
    """The catalogue lacks it."""
    return NotFoundError(
        "service-missing",
        f"OpenStack's catalogue has no {service} service here.",
        why=f"It was looked up in region '{region}'." if region else "The settings name no region.",
        fix="Correct region and endpoint_type in the environment's file.",
    )


def unexpected(asked: Asked, reason: str) -> CloudError:
    """An answer that OpenStack does not give. A change may have happened."""
    return WIRE.malformed(asked.call, reason)
