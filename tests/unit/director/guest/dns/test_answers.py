"""Answers by records and health: who is left out, and when everybody is answered."""

from hypothesis import given
from hypothesis import strategies as st

from director.guest.dns import wire
from director.guest.dns.answers import Answers
from director.guest.dns.health_messages import Health
from director.guest.dns.peers import INTERVAL_S, Peers
from director.guest.dns.records import RecordSet
from tests.unit.director.guest.dns.documents import addresses, document, query, row

_WEB = "q-s0.web.default.shop.bosh"


class _Stand:
    """Answers of a VM at 10.0.0.9, and the health that its peers tell."""

    def __init__(self, count: int = 3) -> None:
        self.peers = Peers()
        self.peers.set_own(frozenset({"10.0.0.9"}), Health("running", {}))
        rows = (row(number) for number in range(1, count + 1))
        self.answers = Answers(RecordSet(document(*rows), {}), self.peers)
        self.now = 100.0

    def ask(self, name: str = _WEB, kind: int = wire.TYPE_A) -> list[str]:
        return [address.rpartition(".")[2] for address in addresses(self.packet(name, kind))]

    def packet(self, name: str, kind: int = wire.TYPE_A, *, is_late: bool = False) -> bytes:
        return self.answers.answer(query(name, kind), self.now, is_tcp=False, is_late=is_late).answer or b""

    def hear(self, **states: str) -> None:
        """One round of questions; those named answer."""
        for address in self.peers.due(self.now):
            nonce, state = self.peers.question_to(address), states.get("i" + address.rpartition(".")[2])
            if state:
                self.peers.take(nonce, Health(state, {"9": "running"}))
        self.now += INTERVAL_S


def test_before_anything_is_known_all_are_answered() -> None:
    assert _Stand().ask() == ["1", "2", "3"]


def test_a_failing_instance_leaves_the_answer_and_comes_back() -> None:
    stand = _Stand()
    stand.ask()
    stand.hear(i1="running", i2="failing", i3="running")
    assert stand.ask() == ["1", "3"]
    stand.hear(i1="running", i2="running", i3="running")
    assert stand.ask() == ["1", "2", "3"]


def test_a_silent_instance_leaves_the_answer_within_two_seconds() -> None:
    stand = _Stand()
    stand.ask()
    stand.hear(i1="running", i2="running", i3="running")
    began_at = stand.now
    while stand.ask() != ["1", "3"]:
        stand.hear(i1="running", i3="running")
        assert stand.now - began_at < 2.0
    assert stand.now > began_at


def test_with_all_failing_all_are_answered() -> None:
    stand = _Stand()
    stand.ask()
    stand.hear(i1="failing", i2="failing", i3="failing")
    assert stand.ask() == ["1", "2", "3"]


def test_the_other_filters_take_failing_running_and_all() -> None:
    stand = _Stand()
    stand.ask()
    stand.hear(i1="running", i2="failing")
    stand.hear(i1="running", i2="failing")
    stand.hear(i1="running", i2="failing")
    by_filter = [stand.ask(_WEB.replace("s0", filtered)) for filtered in ("s1", "s3", "s4")]
    assert by_filter == [["2"], ["1"], ["1", "2", "3"]]


def test_a_link_has_the_health_of_its_own_group() -> None:
    stand = _Stand()
    stand.ask()
    stand.hear(i1="failing", i2="failing", i3="failing")
    assert stand.ask("q-s3.q-g9.bosh") == ["1", "2", "3"]
    assert stand.ask("q-s3.q-g5.bosh") == []


def test_a_single_instance_is_answered_whatever_its_health() -> None:
    stand = _Stand(count=1)
    stand.ask()
    assert stand.peers.due(stand.now) == []
    assert stand.ask() == ["1"]


def test_an_answer_to_an_older_question_is_not_believed() -> None:
    stand = _Stand()
    stand.ask()
    first, *_ = [stand.peers.question_to(address) for address in stand.peers.due(stand.now)]
    stand.now += INTERVAL_S
    for address in stand.peers.due(stand.now):
        stand.peers.question_to(address)
    stand.peers.take(first, Health("failing", {}))
    assert stand.ask() == ["1", "2", "3"]


def test_a_query_with_a_first_check_waits_until_all_are_heard() -> None:
    stand = _Stand()
    decision = stand.answers.answer(query("q-s3y1.web.default.shop.bosh"), stand.now, is_tcp=False)
    assert (decision.answer, sorted(decision.waits_for)) == (None, ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
    assert addresses(stand.packet("q-s3y1.web.default.shop.bosh", is_late=True)) == []
    stand.hear(i1="running", i2="running", i3="failing")
    assert stand.ask("q-s3y1.web.default.shop.bosh") == ["1", "2"]


def test_codes_are_those_of_bosh_dns() -> None:
    stand = _Stand()
    asked = {
        _WEB: (wire.TYPE_A, wire.NO_ERROR),
        "q-s4.web.default.shop.bosh": (16, wire.NO_ERROR),
        "q-s0.api.default.shop.bosh": (wire.TYPE_A, wire.NO_NAME),
        "a.b.bosh": (wire.TYPE_A, wire.NO_ERROR),
        "web.bosh": (wire.TYPE_A, wire.FORM_ERROR),
    }
    asked["a.b.bosh"] = (wire.TYPE_A, wire.FORM_ERROR)
    found = {name: wire.code_of(stand.packet(name, kind)) for name, (kind, _) in asked.items()}
    assert found == {name: code for name, (_, code) in asked.items()}
    assert stand.ask(_WEB, wire.TYPE_AAAA) == []


def test_an_address_has_a_name_and_what_is_not_ours_goes_on() -> None:
    stand = _Stand()
    assert b"\x04id-2\x03web" in stand.packet("2.0.0.10.in-addr.arpa", wire.TYPE_PTR)
    passed = stand.answers.answer(query("example.com"), stand.now, is_tcp=False)
    assert (passed.answer, passed.question is not None, passed.waits_for) == (None, True, ())
    assert stand.answers.answer(query("9.9.9.9.in-addr.arpa", wire.TYPE_PTR), 0.0, is_tcp=False).answer is None


@given(st.binary(max_size=80))
def test_any_packet_has_a_verdict(packet: bytes) -> None:
    stand = _Stand()
    stand.answers.answer(query(_WEB)[:12] + packet, stand.now, is_tcp=True)
    stand.answers.answer(packet, stand.now, is_tcp=False)
