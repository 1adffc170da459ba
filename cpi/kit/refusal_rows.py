"""What a cloud's refusal may mean, once for all clouds: class, code, what happened, what to do.

Gives rows. In their words {cloud} and {call} are filled in, and what the cloud calls its settings (see `Wire`).
"""

from dataclasses import replace

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
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The error of one kind of refusal. A LostReplyError: a call that changes something may have had its effect."""

    kind: type[CloudError]
    code: str
    what: str = "{cloud} refused {call}."
    fix: str

    def but(self, *, fix: str) -> "Row":
        """The same with what to do on this cloud."""
        return replace(self, fix=fix)


THROTTLED = Row(
    kind=ThrottledError,
    code="throttled",
    what="{cloud} throttles calls: {call}.",
    fix="No action needed: compleat retries.",
)
SERVER_ERROR = Row(
    kind=LostReplyError,
    code="server-error",
    what="{cloud} answered {call} with a server error.",
    fix="No action needed: compleat checks whether it took effect, and retries.",
)
REPLY_LOST = Row(
    kind=LostReplyError,
    code="reply-lost",
    what="{cloud} did not answer {call}.",
    fix="No action needed: compleat checks whether it took effect.",
)
UNREACHABLE = Row(
    kind=TransientError,
    code="cloud-unreachable",
    what="{cloud} could not be reached for {call}.",
    fix="Check the network and {endpoint}; compleat retries the call a few times.",
)
NOT_TRUSTED = Row(
    kind=DeniedError,
    code="cloud-not-trusted",
    what="The TLS certificate of {cloud}'s endpoint could not be verified.",
    fix="Set {ca} to the file of the authority's certificates, or correct {endpoint}.",
)
ANSWER_MALFORMED = Row(
    kind=LostReplyError,
    code="answer-malformed",
    what="The answer to {call} is not from {cloud}.",
    fix="Check for a proxy or a login portal between this machine and {cloud}.",
)
NOT_AUTHORIZED = Row(
    kind=DeniedError,
    code="not-authorized",
    what="{cloud} does not allow {call} with these credentials.",
    fix="{access}",
)
NOT_FOUND = Row(
    kind=NotFoundError,
    code="not-found",
    what="{cloud} does not have the resource that {call} names.",
    fix="Correct the id or name in the cloud config; if it was deleted manually, run the same command again.",
)

CREDENTIALS_REFUSED = Row(
    kind=DeniedError,
    code="credentials-refused",
    what="{cloud} does not accept these credentials.",
    fix="Correct {credentials} in the environment's file.",
)
CREDENTIALS_EXPIRED = Row(
    kind=DeniedError,
    code="credentials-expired",
    what="The credentials for {cloud} have expired.",
    fix="Renew them, then run the same command; it continues.",
)
QUOTA_EXCEEDED = Row(
    kind=NoCapacityError,
    code="quota-exceeded",
    what="A quota of the account on {cloud} does not allow {call}.",
    fix="{quota}, or delete unused resources.",
)
NO_CAPACITY = Row(
    kind=NoCapacityError,
    code="no-capacity",
    what="{cloud} currently has no capacity for {call} there.",
    fix="Choose another instance_type or availability zone, or try again later.",
)
SUBNET_FULL = Row(
    kind=NoCapacityError,
    code="subnet-full",
    what="The subnet has no free address for {call}.",
    fix="Use a larger range for the network, or delete VMs.",
)
ADDRESS_TAKEN = Row(
    kind=ConflictError,
    code="address-taken",
    what="The address requested by {call} is in use by another VM.",
    fix="Choose another address in the manifest or cloud config, or delete the resource that has it.",
)
ADDRESS_OUTSIDE = Row(
    kind=CloudError,
    code="address-outside-network",
    what="The address requested by {call} is in no subnet of its network.",
    fix="Correct the network's range in the cloud config, or the address in the manifest.",
)
IN_USE = Row(
    kind=ConflictError,
    code="in-use",
    what="{cloud} refused {call}: the resource is still in use.",
    fix="If {cloud} names an unused resource, delete or detach it, then run the same command.",
)
CONFLICT = Row(
    kind=ConflictError,
    code="conflict",
    what="{cloud} refused {call}: it conflicts with another resource.",
    fix="Remove the resource that {cloud} names, then run the same command.",
)
NAME_TAKEN = Row(
    kind=ConflictError,
    code="name-taken",
    what="{cloud} refused {call}: a resource of another owner has the name.",
    fix="Rename the environment, or delete the resource that has the name.",
)
NOT_READY = Row(
    kind=TransientError,
    code="not-ready-yet",
    what="{cloud} is not ready for {call} yet.",
    fix="No action needed: compleat retries.",
)
NOT_VISIBLE = Row(
    kind=TransientError,
    code="not-visible-yet",
    what="{cloud} does not show a resource that {call} needs yet.",
    fix="No action needed: compleat retries.",
)
NOT_SUPPORTED = Row(
    kind=NotSupportedError,
    code="not-supported",
    what="{cloud} does not support {call} in this form.",
    fix="Follow {cloud}'s message; another instance_type or zone often supports it.",
)
REFUSED = Row(
    kind=CloudError,
    code="request-refused",
    what="{cloud} refused {call}.",
    fix="Correct what {cloud} names, usually a cloud property.",
)
