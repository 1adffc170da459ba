"""OpenStack's refusals as errors that explain themselves: one table.

Takes a status, the service's own word and sentence, and the call; gives a CloudError. Repeats nothing that was sent.
"""

import json
import re
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

_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The call that failed."""

    method: str
    path: str

    @property
    def is_changing(self) -> bool:
        """Whether a repetition may do it twice."""
        return self.method not in ("GET", "HEAD")

    def __str__(self) -> str:
        return f"{self.method} {_ID.sub('…', self.path)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What came back: `word` is the service's own name of it ("IpAddressInUse", "itemNotFound")."""

    status: int
    word: str
    sentence: str
    after_s: float = 0.0

    @property
    def why(self) -> str:
        """For people."""
        said = " ".join(self.sentence.split())[:400]
        return f"OpenStack says {self.status} {self.word}: {said}".strip().rstrip(":")


_Row = Callable[[Asked, Fault], CloudError]


def read_fault(status: int, text: str, headers: Mapping[str, str]) -> Fault:
    """Every service wraps its sentence in another way."""
    word, sentence = "", re.sub(r"<[^<>]*>", " ", text)
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if isinstance(told, dict) and told:
        word, inner = next(iter(told.items()))
        sentence = str(inner)
        if isinstance(inner, dict):
            word = str(inner.get("type") or inner.get("title") or word)
            sentence = str(inner.get("message") or "")
    after = headers.get("Retry-After", "")
    return Fault(status=status, word=word, sentence=sentence, after_s=float(after) if after.isdigit() else 0.0)


def refusal_of(fault: Fault, asked: Asked) -> CloudError:
    """The error for OpenStack's own."""
    for rule, row in _TABLE:
        if rule.fits(fault):
            return row(asked, fault)
    if fault.status >= 500:
        return _server_error(asked, fault)
    return _refused(asked, fault)


def _address_taken(asked: Asked, fault: Fault) -> CloudError:
    return ConflictError(
        "address-taken",
        "Another machine has that address.",
        why=fault.why,
        fix="Choose another address in the manifest or cloud config, or delete what has it.",
    )


def _wrong_address(asked: Asked, fault: Fault) -> CloudError:
    return CloudError(
        "address-outside-network",
        "That address is in no subnet of its network.",
        why=fault.why,
        fix="Correct the network's range in the cloud config, or the address in the manifest.",
    )


def _over_quota(asked: Asked, fault: Fault) -> CloudError:
    return NoCapacityError(
        "openstack-quota-exceeded",
        f"The project's quota does not allow one more at {asked}.",
        why=fault.why,
        fix="Ask the cloud's operator for more (`openstack quota show` lists it), or delete what is not needed.",
    )


def _no_address_left(asked: Asked, fault: Fault) -> CloudError:
    return NoCapacityError(
        "openstack-no-address-left",
        "No address is free there.",
        why=fault.why,
        fix="Use a larger range, or delete what holds addresses; for floating ones ask the cloud's operator.",
    )


def no_host(why: str) -> CloudError:
    """Nova found no place for a server."""
    return NoCapacityError(
        "openstack-no-capacity",
        "OpenStack has no room for this flavour there now.",
        why=why,
        fix="Choose another instance_type or availability_zone, or ask the cloud's operator.",
    )


def _in_use(asked: Asked, fault: Fault) -> CloudError:
    return ConflictError(
        "openstack-in-use",
        f"OpenStack does not do {asked}: something still uses it.",
        why=fault.why,
        fix="Delete what OpenStack's sentence names, if it is not needed any more; then run the same command.",
    )


def _not_yet(asked: Asked, fault: Fault) -> CloudError:
    return not_ready(f"What {asked} is about", fault.why)


def not_ready(what: str, why: str) -> CloudError:
    """Something is in between two states; the same call goes through a moment later."""
    return TransientError(
        "openstack-not-ready-yet", f"{what} is not ready for it yet.", why=why, fix="Nothing: the call is sent again."
    )


def _throttled(asked: Asked, fault: Fault) -> CloudError:
    return ThrottledError(
        "openstack-throttled",
        "OpenStack asks for fewer calls a second.",
        why=fault.why,
        fix="Nothing: the call is sent again later.",
        after_s=fault.after_s or 1.0,
    )


def _token_refused(asked: Asked, fault: Fault) -> CloudError:
    return not_signed_in(fault, fault.why)


def _forbidden(asked: Asked, fault: Fault) -> CloudError:
    return DeniedError(
        "openstack-not-authorized",
        f"OpenStack does not let this user do {asked}.",
        why=fault.why,
        fix="Ask the cloud's operator for a role in the project that allows it (mostly `member`).",
    )


def _gone(asked: Asked, fault: Fault) -> CloudError:
    return NotFoundError(
        "openstack-not-found",
        f"OpenStack has no such thing: {asked}.",
        why=fault.why,
        fix="Correct the id in the cloud config; if something was deleted by hand, run `compleat up` again.",
    )


def _no_version(asked: Asked, fault: Fault) -> CloudError:
    return NotSupportedError(
        "openstack-too-old",
        "This OpenStack does not speak the version of Nova's API that is asked for.",
        why=fault.why,
        fix="Write another compute_api_version, at least 2.60, in the environment's file.",
    )


def _conflict(asked: Asked, fault: Fault) -> CloudError:
    return ConflictError(
        "openstack-conflict",
        f"OpenStack refuses {asked}: something is in the way.",
        why=fault.why,
        fix="See to what OpenStack's sentence names; then run the same command.",
    )


def _refused(asked: Asked, fault: Fault) -> CloudError:
    return CloudError(
        "openstack-request-refused",
        f"OpenStack refused {asked}.",
        why=fault.why,
        fix="Correct what OpenStack's sentence names, mostly a cloud property.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Statuses, and a pattern that the word or the sentence must hold ("" fits all)."""

    statuses: tuple[int, ...]
    pattern: str = ""

    def fits(self, fault: Fault) -> bool:
        said = f"{fault.word} {fault.sentence}"
        return fault.status in self.statuses and re.search(self.pattern, said, re.IGNORECASE) is not None


_TABLE: tuple[tuple[_Rule, _Row], ...] = (
    (_Rule(statuses=(429,)), _throttled),
    (_Rule(statuses=(413,), pattern=r"rate limit|retry after|over rate"), _throttled),
    (
        _Rule(statuses=(400, 403, 409, 413), pattern=r"quota|LimitExceeded|TooManyInstances|exceeds? allowed"),
        _over_quota,
    ),
    (_Rule(statuses=(409, 400), pattern=r"IpAddressGenerationFailure|ExternalIpAddressExhausted"), _no_address_left),
    (_Rule(statuses=(409, 400), pattern=r"No more IP addresses|NoMoreFixedIps"), _no_address_left),
    (_Rule(statuses=(409, 400), pattern=r"IpAddressInUse|IpAddressAlreadyAllocated|AddressInUse"), _address_taken),
    (_Rule(statuses=(409,), pattern=r"FloatingIPPortAlreadyAssociated|AlreadyAssociated"), _address_taken),
    (_Rule(statuses=(400,), pattern=r"InvalidIpForNetwork|InvalidIpForSubnet|not a valid IP for"), _wrong_address),
    (_Rule(statuses=(409,), pattern=r"InUse\b|In use|InUseBy"), _in_use),
    (
        _Rule(statuses=(409, 400), pattern=r"task_state|vm_state|while the instance|is locked|being used by another"),
        _not_yet,
    ),
    (_Rule(statuses=(409,), pattern=r"RetryRequest|StaleDataError|concurrent"), _not_yet),
    (_Rule(statuses=(401,)), _token_refused),
    (_Rule(statuses=(403,)), _forbidden),
    (_Rule(statuses=(404,)), _gone),
    (_Rule(statuses=(406,)), _no_version),
    (_Rule(statuses=(409,)), _conflict),
)
"""The first that fits counts."""


def not_signed_in(fault: Fault, why: str) -> CloudError:
    """Keystone's answer to a login, or a token that is worth nothing any more."""
    if fault.status >= 500 or fault.status == 429:
        return TransientError(
            "openstack-unreachable",
            "Keystone does not sign in anybody now.",
            why=why,
            fix="Nothing: it is asked again. If that does not help, ask the cloud's operator.",
        )
    if fault.status == 404:
        return DeniedError(
            "openstack-address-wrong",
            "There is no Keystone at auth_url.",
            why=why,
            fix="Correct auth_url in the environment's file; it mostly ends in :5000/v3 or /identity/v3.",
        )
    return DeniedError(
        "openstack-credentials-refused",
        "OpenStack does not accept these credentials.",
        why=why,
        fix="Correct user, password, project and domain, or the application credential, in the environment's file.",
    )


def not_usable(why: str) -> CloudError:
    """The SDK cannot make a login of what was written."""
    return DeniedError(
        "openstack-settings-not-usable",
        "With these settings nobody can sign in to OpenStack.",
        why=why,
        fix="Correct the environment's file, or the cloud's entry in clouds.yaml.",
    )


def no_service(service: str, region: str) -> CloudError:
    """The catalogue lacks it."""
    return NotFoundError(
        "openstack-service-missing",
        f"OpenStack's catalogue has no {service} service here.",
        why=f"Region '{region}' was looked for." if region else "No region was named.",
        fix="Correct region and endpoint_type in the environment's file.",
    )


def lost_reply(asked: Asked, reason: str) -> CloudError:
    """No answer came. A question may be repeated; a change may have happened."""
    if not asked.is_changing:
        return unreachable(asked, reason)
    return LostReplyError(
        "openstack-reply-lost",
        f"No answer came to {asked}.",
        why=reason,
        fix="Nothing: the director looks whether it happened.",
    )


def unexpected(asked: Asked, reason: str) -> CloudError:
    """An answer that OpenStack does not give. A change may have happened."""
    if asked.is_changing:
        return lost_reply(asked, reason)
    return TransientError(
        "openstack-answer-strange",
        f"The answer to {asked} is not one of OpenStack's.",
        why=reason,
        fix="Look for a proxy or portal in between; the call is sent again a few times.",
    )


def unreachable(asked: Asked, reason: str) -> CloudError:
    """Nothing happened."""
    return TransientError(
        "openstack-unreachable",
        f"OpenStack did not answer {asked}.",
        why=reason,
        fix="Look at the network and at auth_url; the call is sent again a few times.",
    )


def untrusted(reason: str) -> CloudError:
    """Whoever answers is not who the certificate says."""
    return DeniedError(
        "openstack-not-trusted",
        "Who answers for OpenStack cannot be trusted.",
        why=reason,
        fix="Write your authority's certificates as connection_options.ca_cert, or correct auth_url.",
    )


def _server_error(asked: Asked, fault: Fault) -> CloudError:
    if asked.is_changing:
        return LostReplyError(
            "openstack-server-error",
            f"OpenStack failed at {asked}, and may have done it.",
            why=fault.why,
            fix="Nothing: the director looks whether it happened.",
        )
    return TransientError(
        "openstack-hiccup",
        f"OpenStack failed at {asked} and changed nothing.",
        why=fault.why,
        fix="Nothing: it is asked again.",
    )
