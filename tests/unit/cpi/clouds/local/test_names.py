"""Names derived from other names."""

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import names

_OWNER: records.OwnerRecord = {"environment": "e", "deployment": "d", "action": "a"}


def test_one_owner_key_is_one_cid_for_ever() -> None:
    assert names.cid_of("vm", _OWNER) == names.cid_of("vm", {**_OWNER})
    assert names.cid_of("vm", _OWNER) != names.cid_of("vm", {**_OWNER, "action": "b"})


def test_parts_of_an_owner_key_do_not_run_together() -> None:
    one: records.OwnerRecord = {"environment": "ab", "deployment": "c", "action": ""}
    other: records.OwnerRecord = {"environment": "a", "deployment": "bc", "action": ""}

    assert names.cid_of("vm", one) != names.cid_of("vm", other)


def test_only_cids_of_ours_are_taken_for_file_names() -> None:
    assert names.is_cid(names.cid_of("disk", _OWNER))
    assert not any(names.is_cid(text) for text in ("", "vm-1", "../vm-0123456789abcdef", "vm-0123456789abcdef/.."))


def test_interface_names_fit_the_kernel() -> None:
    cid = names.cid_of("vm", _OWNER)

    assert len(names.bridge_of("a network with a very long name")) <= 15
    assert len(names.link_of(cid, 9)) <= 15


def test_a_mac_is_local_and_for_one_card() -> None:
    mac = names.mac_of("vm-1", "0")

    assert mac.startswith("02:")
    assert len(mac) == 17
    assert mac != names.mac_of("vm-1", "1")
