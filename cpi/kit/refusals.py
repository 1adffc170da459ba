"""A cloud's refusals as errors that explain themselves: a row a meaning, a table a cloud, a wire for what all have.

Takes a cloud's answer and the call, gives a CloudError. Codes and texts are the same on every cloud; the names of a
cloud's settings are in its `Wire`.
"""

import re
from collections.abc import Mapping
from dataclasses import field

from cpi.contract.errors import CloudError, LostReplyError, ThrottledError, TransientError
from cpi.contract.value_classes import dataclass
from cpi.kit import refusal_rows
from cpi.kit.refusal_rows import Row

_USUAL: Mapping[int, Row] = {
    401: refusal_rows.CREDENTIALS_REFUSED,
    403: refusal_rows.NOT_AUTHORIZED,
    404: refusal_rows.NOT_FOUND,
    429: refusal_rows.THROTTLED,
}
"""What a status means where the cloud's table has no row for the answer."""

_SERVER_FAILED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a cloud's API, by the API's own name: "RunInstances", "PUT virtualMachines/web".

    `is_changing` says whether a repetition may do it twice.
    """

    name: str
    is_changing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudAnswer:
    """What a cloud answered: its `codes`, the one that decides first; `why` is its answer in a sentence, for people."""

    status: int
    codes: tuple[str, ...] = ()
    words: str = ""
    why: str = ""
    after_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A row for answers whose words hold a pattern; `statuses` () means any."""

    pattern: str
    row: Row
    statuses: tuple[int, ...] = ()

    def fits(self, answer: CloudAnswer) -> bool:
        """Whether the answer is one of these."""
        is_status = not self.statuses or answer.status in self.statuses
        return is_status and re.search(self.pattern, answer.words, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalTable:
    """A cloud's answers by their words (the first rule that fits), their codes, the end of a code, their status."""

    by_words: tuple[Words, ...] = ()
    by_code: Mapping[str, Row] = field(default_factory=dict)
    by_suffix: Mapping[str, Row] = field(default_factory=dict)
    by_status: Mapping[int, Row] = field(default_factory=dict)

    def find(self, answer: CloudAnswer) -> Row:
        """The row for an answer."""
        by_words = (rule.row for rule in self.by_words if rule.fits(answer))
        by_code = (self.by_code[code] for code in answer.codes if code in self.by_code)
        found = next(by_words, None) or next(by_code, None)
        if found is None and answer.status >= _SERVER_FAILED:
            return refusal_rows.SERVER_ERROR
        ends = (row for code in answer.codes for suffix, row in self.by_suffix.items() if code.endswith(suffix))
        found = found or next(ends, None) or self.by_status.get(answer.status) or _USUAL.get(answer.status)
        return found or refusal_rows.REFUSED


def coded(rows: Mapping[Row, str]) -> Mapping[str, Row]:
    """A table by code from each row's codes, written in one string."""
    return {code: row for row, codes in rows.items() for code in codes.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The way to one cloud: its name, what its settings are called, how people get more rights and higher limits."""

    name: str
    endpoint: str
    ca: str
    credentials: str
    access: str
    quota: str
    table: RefusalTable

    def refusal(self, answer: CloudAnswer, call: Call) -> CloudError:
        """The cloud's own answer as an error: throttled, server-error, not-authorized, not-found, or its table's."""
        return self.error(self.table.find(answer), call, answer.why, after_s=answer.after_s)

    def lost(self, call: Call, why: str) -> CloudError:
        """The call was sent and no answer came. A read may be repeated; a change may have happened."""
        return self.error(refusal_rows.REPLY_LOST if call.is_changing else refusal_rows.UNREACHABLE, call, why)

    def unreachable(self, call: Call, why: str) -> CloudError:
        """The call never left: no name, no route. Nothing happened."""
        return self.error(refusal_rows.UNREACHABLE, call, why)

    def untrusted(self, why: str) -> CloudError:
        """The server's certificate is not signed by a trusted authority. Nothing was sent."""
        return self.error(refusal_rows.NOT_TRUSTED, Call(name="", is_changing=False), why)

    def malformed(self, call: Call, why: str) -> CloudError:
        """An answer that is none of the cloud's."""
        return self.error(refusal_rows.ANSWER_MALFORMED, call, why)

    def error(self, row: Row, call: Call, why: str, *, after_s: float = 1.0) -> CloudError:
        """The error that a row describes. What may have happened, but is a read, changed nothing."""
        words = {"cloud": self.name, "call": call.name, "endpoint": self.endpoint, "ca": self.ca}
        words |= {"credentials": self.credentials, "access": self.access, "quota": self.quota}
        what, fix = row.what.format_map(words), row.fix.format_map(words)
        if row.kind is ThrottledError:
            return ThrottledError(row.code, what, why=why, fix=fix, after_s=after_s)
        kind = TransientError if row.kind is LostReplyError and not call.is_changing else row.kind
        return kind(row.code, what, why=why, fix=fix)
