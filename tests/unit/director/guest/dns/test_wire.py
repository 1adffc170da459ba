"""DNS messages: what is a question, and answers that fit."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.guest.dns import wire
from director.guest.dns.wire import BadMessage
from tests.unit.director.guest.dns.documents import addresses, query


def test_a_question_has_its_name_in_lower_case_its_type_and_its_size() -> None:
    question = wire.read_question(query("Q-S0.Web.bosh", wire.TYPE_AAAA, size=1232))
    assert (question.name, question.type, question.size, question.has_edns) == ("q-s0.web.bosh", 28, 1232, True)
    assert wire.read_question(query("a.b")).size == 512


def test_an_answer_is_cut_to_what_the_client_takes_and_says_so() -> None:
    packet = query("web.bosh", size=600)
    question = wire.read_question(packet)
    records = wire.address_records([f"10.0.0.{number}" for number in range(100)], wire.TYPE_A)
    answer = wire.write_answer(packet, question, wire.NO_ERROR, records=records, limit=question.size)
    assert (len(answer) <= 600, answer[2] & 0x02, len(addresses(answer))) == (True, 0x02, 35)
    whole = wire.write_answer(packet, question, wire.NO_ERROR, records=records, limit=65535)
    assert (whole[2] & 0x02, len(addresses(whole))) == (0, 100)
    assert whole[:2] == packet[:2]
    assert whole[2] & 0x85 == 0x85  # an answer, authoritative, recursion desired as asked


def test_a_family_answers_only_its_own_type() -> None:
    both = ["10.0.0.1", "fd00::1", "no address"]
    assert [len(wire.address_records(both, kind)) for kind in (wire.TYPE_A, wire.TYPE_AAAA, wire.TYPE_ANY)] == [1, 1, 2]


@pytest.mark.parametrize(
    ("packet", "code"),
    [
        (b"", None),
        (b"\0" * 11, None),
        (query("a.b")[:2] + b"\x81\x00" + query("a.b")[4:], None),
        (query("a.b")[:2] + b"\x29\x00" + query("a.b")[4:], wire.NOT_IMPLEMENTED),
        (query("a.b")[:4] + b"\0\2" + query("a.b")[6:], wire.FORM_ERROR),
        (query("a.b")[:-5], wire.FORM_ERROR),
        (query("a.b")[:12] + b"\xc0\x0c\0\1\0\1", wire.FORM_ERROR),
        (query("a.b")[:12] + b"\xc0" + bytes(250), wire.FORM_ERROR),
        (query("a.b")[:-1] + b"\3", wire.REFUSED),
        (query("a.b", size=512)[:-8], wire.FORM_ERROR),
    ],
    ids=[
        "empty",
        "short",
        "answer",
        "status",
        "two questions",
        "cut",
        "pointer",
        "long pointer",
        "chaos",
        "half an OPT",
    ],
)
def test_what_is_no_question_is_refused(packet: bytes, code: int | None) -> None:
    with pytest.raises(BadMessage) as raised:
        wire.read_question(packet)
    assert raised.value.code == code


@given(st.binary(max_size=600))
def test_any_packet_is_a_question_or_a_bad_message(packet: bytes) -> None:
    try:
        question = wire.read_question(packet)
    except BadMessage as error:
        if error.code is not None:
            assert len(wire.write_failure(packet, error.code)) == 12
        return
    assert len(wire.write_answer(packet, question, 0, limit=question.size)) <= question.size


@given(st.binary(max_size=40), st.integers(0, 60))
def test_a_damaged_question_is_a_question_or_a_bad_message(noise: bytes, at: int) -> None:
    whole = query("q-s0.web.default.shop.bosh", size=4096)
    packet = whole[:at] + noise + whole[at + len(noise) :]
    try:
        wire.read_question(packet)
    except BadMessage as error:
        assert error.code in (None, wire.FORM_ERROR, wire.NOT_IMPLEMENTED, wire.REFUSED)


def test_only_the_answer_to_the_very_question_is_believed() -> None:
    asked = query("example.com", number=500)
    answer = asked[:2] + b"\x81\x80" + asked[4:]
    assert wire.is_answer_to(answer, asked)
    other = query("example.org", number=500)
    assert not wire.is_answer_to(other[:2] + b"\x81\x80" + other[4:], asked)
    assert not wire.is_answer_to(b"\0\1" + answer[2:], asked)
    assert not wire.is_answer_to(asked, asked)


def test_a_long_answer_of_a_resolver_becomes_one_that_asks_for_tcp() -> None:
    packet = query("example.com")
    question = wire.read_question(packet)
    cut = wire.cut(packet[:2] + b"\x81\x80" + packet[4:] + b"x" * 600, question, 512)
    assert (len(cut), cut[2] & 0x02, struct.unpack_from("!4H", cut, 4)) == (question.end, 0x02, (1, 0, 0, 0))


def test_names_that_no_packet_holds_are_not_written() -> None:
    assert [wire.write_name(name) for name in ("é.b", "a..b", "a" * 64 + ".b", ".".join(["a" * 60] * 5))] == [b""] * 4
