"""Records looked up by name, as bosh-dns does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.guest.dns import names
from director.guest.dns.names import BadName
from director.guest.dns.records import RecordSet
from tests.unit.director.guest.dns.documents import KEYS, document, row

_RECORDS = RecordSet(
    document(
        row(1),
        row(2, az="z2"),
        row(3, az="z10", groups=("5",)),
        row(4, group="db", groups=("6",)),
        row(5, group="db", groups=("6",), network="back"),
    ),
    {"db.internal": ["*.db.*.shop.bosh"], "_.web.internal": ["_.web.default.shop.bosh"], "fix.ed": ["192.0.2.7"],
     "chain": ["db.internal", "q-s4.q-g5.bosh"], "round": ["round"], "*.star": ["192.0.2.8"]},
)  # fmt: skip


def _ips(name: str) -> list[str]:
    return sorted(found_row.ip.rpartition(".")[2] for found in _RECORDS.find(name) for found_row in found.rows)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("id-1.web.default.shop.bosh", "1"),
        ("3.web.default.shop.bosh", "3"),
        ("q-s0.web.default.shop.bosh", "123"),
        ("q-a1s0.web.default.shop.bosh", "1"),
        ("q-a1a10s0.web.default.shop.bosh", "13"),
        ("q-i2.web.default.shop.bosh", "2"),
        ("q-m71n2s0.q-g5.bosh", "1"),
        ("q-n3s0.q-g5.bosh", ""),
        ("q-s0.q-g9.bosh", "12"),
        ("q-s0.*.bosh", "12345"),
        ("q-s0.db.*.shop.bosh", "45"),
        ("q-s0.*eb.default.sh*.bosh", "123"),
        ("q-s1-a2.web.default.shop.bosh", "2"),
        ("q-s0.web.default.other.bosh", ""),
        ("agent-4.bosh-agent-id", "4"),
        ("db.internal", "45"),
        ("id-2.web.internal", "2"),
        ("q-a2s0.web.internal", "2"),
        ("fix.ed", "7"),
        ("chain", "12345"),
        ("round", ""),
        ("bosh", ""),
    ],
)
def test_a_name_asks_for_its_instances(name: str, found: str) -> None:
    assert _ips(name) == sorted(found)


@pytest.mark.parametrize(
    "name", ["a.bosh", "a.b.c.bosh", "a.b.c.d.e.bosh", "q-x.web.default.shop.bosh", "q-s0.g5.bosh"]
)
def test_a_name_of_another_shape_is_malformed(name: str) -> None:
    with pytest.raises(BadName):
        _RECORDS.find(name)


def test_the_first_health_counts_and_an_unknown_one_is_smart() -> None:
    health = [_RECORDS.find(f"q-{part}.web.default.shop.bosh")[0] for part in ("s3", "s2", "s1s3", "a1", "s4y1")]
    assert [found.health for found in health] == [names.HEALTHY, names.SMART, names.UNHEALTHY, names.SMART, names.ALL]
    assert [found.is_checked_first for found in health] == [False, False, False, False, True]
    assert _RECORDS.find("q-s0.q-g9.bosh")[0].group_id == "9"


def test_names_of_others_are_not_ours() -> None:
    own = ["x.web.default.shop.bosh", "bosh", "anything.web.internal", "chain", "upcheck.bosh-dns"]
    others = ["example.com", "notbosh", "web.internal", "a.star", "."]
    assert [_RECORDS.is_own(name) for name in (*own, *others)] == [True] * 5 + [False] * 5


def test_an_alias_of_a_manifest_asks_for_the_group_of_its_link() -> None:
    definition = {"root_domain": "bosh", "group_id": "9", "health_filter": "healthy", "initial_health_check": None,
                  "placeholder_type": None}  # fmt: skip
    by_id = {**definition, "health_filter": None, "placeholder_type": "uuid"}
    written = {"shop.internal": [definition], "_.shop.internal": [by_id]}
    records = RecordSet(document(row(1), row(2), row(3, groups=("5",)), aliases=written), {})
    (found,) = records.find("shop.internal")
    assert ([each.ip for each in found.rows], found.health) == (["10.0.0.1", "10.0.0.2"], names.HEALTHY)
    assert [each.ip for found in records.find("id-2.shop.internal") for each in found.rows] == ["10.0.0.2"]
    assert not records.is_own("id-3.shop.internal")


def test_a_row_that_cannot_be_read_leaves_the_others() -> None:
    broken: list[list[object]] = [[], row(1)[:-1], [None] * len(KEYS), row(2)]
    assert [each.ip for each in RecordSet(document(*broken), {}).rows] == ["10.0.0.2"]


def test_a_name_means_instances_of_its_own_root_domain() -> None:
    elsewhere = [*row(2)[:10], "corp.example", *row(2)[11:]]
    records = RecordSet(document(row(1), elsewhere), {})
    for domain, found in (("bosh", "10.0.0.1"), ("corp.example", "10.0.0.2")):
        names_of = [each.ip for one in records.find(f"q-s0.web.default.shop.{domain}") for each in one.rows]
        assert names_of == [found]


def test_pointers_are_the_names_of_an_address() -> None:
    assert _RECORDS.names_of("10.0.0.5") == ["id-5.db.back.shop.bosh."]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"record_keys": st.just(KEYS) | _JSON, "record_infos": _JSON, "aliases": _JSON}))
def test_any_document_makes_records(given_document: dict[str, object]) -> None:
    RecordSet(given_document, {}).is_own("a.b")


@given(st.text(alphabet="qsgamniy-*._0123456789b", max_size=30))
def test_any_name_is_found_or_malformed(name: str) -> None:
    try:
        _RECORDS.find(f"{name}.bosh")
    except BadName:
        assert not name.startswith("id-1.web.default.shop")
