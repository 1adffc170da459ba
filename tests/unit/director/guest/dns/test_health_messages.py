"""Health between instances: only a holder of the key asks, answers and is believed."""

from hypothesis import given
from hypothesis import strategies as st

from director.guest.dns import health_messages
from director.guest.dns.health_messages import Health

_KEY, _NONCE = b"k" * 32, bytes(range(16))
_HEALTH = Health("failing", {"9": "running"})


def test_a_question_and_its_answer_are_read_by_who_has_the_key() -> None:
    assert health_messages.read_question(_KEY, health_messages.write_question(_KEY, _NONCE)) == _NONCE
    answer = health_messages.write_answer(_KEY, _NONCE, _HEALTH)
    assert health_messages.read_answer(_KEY, answer) == (_NONCE, _HEALTH)


def test_neither_is_read_with_another_key_or_none_or_as_the_other() -> None:
    question = health_messages.write_question(_KEY, _NONCE)
    answer = health_messages.write_answer(_KEY, _NONCE, _HEALTH)
    for key in (b"x" * 32, b""):
        assert health_messages.read_question(key, question) is None
        assert health_messages.read_answer(key, answer) is None
    assert health_messages.read_question(_KEY, answer) is None
    assert health_messages.read_answer(_KEY, question) is None


@given(st.integers(0, 200), st.integers(1, 255))
def test_no_byte_of_an_answer_can_be_changed(at: int, change: int) -> None:
    answer = bytearray(health_messages.write_answer(_KEY, _NONCE, _HEALTH))
    answer[at % len(answer)] ^= change
    assert health_messages.read_answer(_KEY, bytes(answer)) is None


@given(st.binary(max_size=300))
def test_any_packet_is_a_message_or_none(packet: bytes) -> None:
    assert health_messages.read_question(_KEY, packet) is None
    assert health_messages.read_answer(_KEY, packet) is None


def test_any_state_but_running_is_failing() -> None:
    assert health_messages.read_health({"state": "stopped", "group_state": {"1": "odd"}}) == Health(
        "failing", {"1": "failing"}
    )
    assert health_messages.read_health({"state": 1}) is None
