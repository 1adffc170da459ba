"""The landing zone, stemcells, disks, quotas and prices as they are written and read."""

from dataclasses import replace

import pytest

from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.landing import layout, neutron_parts
from cpi.clouds.openstack.machines import disks
from cpi.clouds.openstack.preflight import quotas
from cpi.clouds.openstack.preflight.quotas import LimitUse
from cpi.clouds.openstack.prices.hourly_prices import OpenStackPricing
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.config import PriceTable, StemcellProperties
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskCid,
    DiskRequest,
    LandingResource,
    LandingSpec,
    OwnerKey,
    PreflightRequest,
    QuotaNeed,
    StemcellRequest,
)
from tests.unit.cpi.clouds.openstack.requests import OWNER, settings, vm_request

SPEC = LandingSpec(networks={"default": "10.0.0.0/16"}, public_names=("jumpbox",))
LANDED = OwnerKey(environment="a.b", deployment=ENVIRONMENT_ITSELF, action="run/create_landing_resource/x")


def test_a_zone_is_listed_in_the_order_in_which_it_can_be_made() -> None:
    made = layout.write_resources(SPEC, settings(public_key="ssh-rsa A", container=True))
    assert [(one.kind, one.name, one.after) for one in made] == [
        ("router", "router", ()),
        ("network", "default", ()),
        ("subnet", "default-subnet", ("router", "default")),
        ("security_group", "vms", ()),
        ("security_group", "public", ()),
        ("public_address", "jumpbox", ("router",)),
        ("key_pair", "key", ()),
        ("container", "blobs", ()),
    ]


def test_neutron_chooses_from_the_last_quarter_only() -> None:
    body = layout.write_subnet("10.0.0.0/16", network="n", dns=("9.9.9.9",))
    assert (body["gateway_ip"], body["dns_nameservers"]) == ("10.0.0.1", ["9.9.9.9"])
    assert body["allocation_pools"] == [{"start": "10.0.192.0", "end": "10.0.255.254"}]
    assert "allocation_pools" not in layout.write_subnet("10.0.0.0/29", network="n", dns=())
    with pytest.raises(CloudError):
        layout.write_subnet("10.0.0.1/16", network="n", dns=())


def test_the_public_group_lets_in_the_public_ports_and_only_those_that_are_missing_are_made() -> None:
    wanted = layout.write_rules("public", "g", settings(public_ports=[22, 443]))
    assert [rule["port_range_min"] for rule in wanted] == [22, 443]
    assert layout.missing_rules(wanted, {"security_group_rules": [{**wanted[0], "id": "r"}]}) == wanted[1:]
    assert layout.write_rules("vms", "g", settings())[0]["remote_group_id"] == "g"


def test_a_description_says_whose_a_thing_is() -> None:
    reported = {"id": "i", "description": names.write_note(LANDED, "default"), "floating_ip_address": "203.0.113.5"}
    found = neutron_parts.read_found(reported)
    assert found is not None
    assert (found.id, found.name, found.owner) == ("i", "default", LANDED)
    assert layout.address_outputs(found.name, found.answer)["default_public_ip"] == "203.0.113.5"
    assert neutron_parts.read_found({**reported, "description": "somebody's"}) is None
    with pytest.raises(CloudError):
        names.write_note(OwnerKey(environment="e" * 200, deployment="d", action="a"))


def test_a_key_pair_says_so_by_its_name_in_letters_that_every_nova_takes() -> None:
    name = names.key_pair_name("a.b", "run/create/x")
    assert name == "compleat a_2eb run_2fcreate_2fx"
    assert names.read_key_pair_name(name) == OwnerKey(
        environment="a.b", deployment=ENVIRONMENT_ITSELF, action="run/create/x"
    )
    assert names.read_key_pair_name("mine") is None


def test_the_external_network_is_named_or_the_only_one() -> None:
    one, two = {"id": "1", "name": "a"}, {"id": "2", "name": "b"}
    assert layout.choose_external([one], "") == one
    assert layout.choose_external([one, two], "b") == two
    for reported, wanted in (([one, two], ""), ([], ""), ([one], "c")):
        with pytest.raises(CloudError):
            layout.choose_external(reported, wanted)


def test_a_stemcell_is_the_newest_image_of_its_system() -> None:
    old = _image("1", "debian-12-2024", created_at="2024")
    new = _image("2", "debian-12-2025", created_at="2025")
    images = [old, new, _image("3", "ubuntu-24.04"), {**new, "id": "4", "status": "queued", "created_at": "2026"}]
    request = StemcellRequest(owner=OWNER, os="debian", version="12")
    assert stemcells.choose_image("", request, images, config=settings()) == new
    assert stemcells.choose_image("debian-12-2024", request, images, config=settings()) == old
    with pytest.raises(NotFoundError) as caught:
        stemcells.choose_image("", StemcellRequest(owner=OWNER, os="rocky", version="9"), images, config=settings())
    assert "ubuntu-24.04" in caught.value.why


def test_a_record_carries_owner_and_image_and_is_read_back() -> None:
    request = StemcellRequest(owner=OWNER, os="debian", version="latest")
    record = stemcells.write_record(request, _image("2", "d"), version="12", config=settings())
    found = stemcells.read_stemcell({**record, "id": "1", "status": "queued"})
    assert found is not None
    assert (found.cid, found.owner, found.os, found.version) == ("1:2", OWNER, "debian", "12")
    assert found.architecture == "x86_64"
    with pytest.raises(NotFoundError):
        stemcells.image_of(stemcells.write_cid("none", "2"))


def test_an_image_for_other_machines_is_refused() -> None:
    image = _image("1", "d", architecture="aarch64")
    with pytest.raises(CloudError) as caught:
        stemcells.check_image(image, StemcellProperties(), settings())
    assert caught.value.code == "image-architecture"
    stemcells.check_image(image, StemcellProperties(architecture="arm64"), settings())


def test_a_disk_is_whole_gib_and_its_hint_is_its_serial() -> None:
    assert [disks.gib_of(size) for size in (1, 1024, 1025)] == [1, 1, 2]
    with pytest.raises(CloudError):
        disks.gib_of(0)
    cid = DiskCid("13af217d-bc61-490b-afcd-c8dff8c222de")
    assert disks.hint_of(cid) == "/dev/disk/by-id/virtio-13af217d-bc61-490b-a"


@pytest.mark.parametrize(
    ("status", "kind"), [("in-use", ConflictError), ("extending", TransientError), ("error", CloudError)]
)
def test_a_disk_that_is_not_free_says_why(status: str, kind: type[CloudError]) -> None:
    with pytest.raises(kind):
        disks.require_free({"id": "d", "status": status, "size": 1}, "deleted")
    disks.require_free({"id": "d", "status": "available"}, "deleted")


def test_a_disk_does_not_shrink() -> None:
    with pytest.raises(NotSupportedError):
        disks.require_growth({"id": "d", "size": 2}, 1024)


def test_a_limit_is_judged_with_what_leaves() -> None:
    load = LimitUse(name="cores", unit="CPUs", used=18, limit=20, asked=4, freed=1)
    found = list(quotas.judge([load], "r"))
    need = QuotaNeed(name="cores", region="r", unit="CPUs", used=18, limit=20, needed=21)
    assert [one.quota for one in found] == [need]
    enough, unlimited, unasked = replace(load, freed=2), replace(load, limit=-1), replace(load, asked=0)
    for each, codes in ((enough, ["quota-left"]), (unlimited, list[str]()), (unasked, [])):
        found = list(quotas.judge([each], "r"))
        assert [one.code for one in found] == codes


def test_prices_come_from_the_environment_s_table_alone() -> None:
    table = PriceTable(currency="EUR", as_of="2026-01-01", flavors={"m1.small": "0.02"}, volume_gib="0.0001")
    request = PreflightRequest(
        vms=(vm_request(), vm_request(), vm_request(instance_type="huge")),
        disks=(DiskRequest(owner=OWNER, size_mib=2048),),
        landing=(LandingResource(kind="public_address", name="jumpbox"),),
    )
    pricing = OpenStackPricing(table)
    assert [(one.what, one.quantity, one.amount) for one in pricing.price(request)] == [
        ("flavour huge", 1, ""),
        ("flavour m1.small", 2, "0.04"),
        ("GiB of volumes", 2, "0.0002"),
        ("floating addresses", 1, ""),
    ]
    assert pricing.refresh(PreflightRequest()) is False


def _image(image_id: str, name: str, **more: str) -> dict[str, str]:
    return {"id": image_id, "name": name, "status": "active", **more}
