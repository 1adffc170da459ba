"""What a cloud answered, as the error that every cloud has for it."""

import pytest

from cpi.contract.errors import (
    CloudError,
    DeniedError,
    LostReplyError,
    NotFoundError,
    ThrottledError,
    TransientError,
)
from cpi.kit import refusal_rows as rows
from cpi.kit.refusals import Call, CloudAnswer, RefusalTable, Wire, Words, coded

READ, CHANGE = Call(name="GET x", is_changing=False), Call(name="PUT x", is_changing=True)
TABLE = RefusalTable(
    by_words=(Words(pattern="quota", row=rows.QUOTA_EXCEEDED, statuses=(409,)),),
    by_code=coded({rows.NO_CAPACITY: "NoRoom NoHost", rows.IN_USE: "Used"}),
    by_suffix={".Missing": rows.NOT_FOUND},
    by_status={409: rows.CONFLICT},
)
WIRE = Wire(
    name="Sky",
    endpoint="`url`",
    ca="`ca`",
    credentials="the key",
    access="Ask for it.",
    quota="Ask for more",
    table=TABLE,
)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (CloudAnswer(status=409, words="your Quota is used up", codes=("Used",)), "quota-exceeded"),
        (CloudAnswer(status=400, words="your quota is used up", codes=("Used",)), "in-use"),
        (CloudAnswer(status=500, codes=("NoHost",)), "no-capacity"),
        (CloudAnswer(status=404, codes=("Inner", "NoRoom")), "no-capacity"),
        (CloudAnswer(status=400, codes=("Vm.Missing",)), "not-found"),
        (CloudAnswer(status=409, codes=("New",)), "conflict"),
        (CloudAnswer(status=401), "credentials-refused"),
        (CloudAnswer(status=403), "not-authorized"),
        (CloudAnswer(status=404), "not-found"),
        (CloudAnswer(status=429), "throttled"),
        (CloudAnswer(status=503), "server-error"),
        (CloudAnswer(status=400), "request-refused"),
    ],
)
def test_words_come_before_codes_codes_before_their_ends_and_the_status_last(answer: CloudAnswer, code: str) -> None:
    assert WIRE.refusal(answer, CHANGE).code == code


def test_what_may_have_happened_is_looked_for_and_a_read_is_repeated() -> None:
    broken = CloudAnswer(status=500)
    reported = [type(WIRE.refusal(broken, call)) for call in (CHANGE, READ)]
    reported += [type(WIRE.lost(call, "reset")) for call in (CHANGE, READ)]
    reported += [type(WIRE.malformed(call, "html")) for call in (CHANGE, READ)]
    assert reported == [LostReplyError, TransientError] * 3
    assert type(WIRE.unreachable(CHANGE, "no route")) is TransientError


def test_a_throttled_call_waits_as_long_as_it_is_told() -> None:
    error = WIRE.refusal(CloudAnswer(status=429, after_s=7.0), READ)
    assert isinstance(error, ThrottledError) and error.after_s == 7.0


def test_words_name_the_cloud_its_settings_and_the_call() -> None:
    denied: CloudError = WIRE.refusal(CloudAnswer(status=403, why="Sky says no."), CHANGE)
    assert (denied.what, denied.why, denied.fix) == (
        "Sky does not allow PUT x with these credentials.",
        "Sky says no.",
        "Ask for it.",
    )
    untrusted = WIRE.untrusted("self-signed")
    assert isinstance(untrusted, DeniedError) and "`ca`" in untrusted.fix and "`url`" in untrusted.fix
    assert isinstance(WIRE.refusal(CloudAnswer(status=404), READ), NotFoundError)
