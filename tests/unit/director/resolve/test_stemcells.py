"""Stemcells by BOSH's names: the image of each, the remark on it, and the name that filters use."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from cpi.contract.errors import NotSupportedError
from cpi.contract.values import StockImage
from director.errors import InputError
from director.model import stemcell_names
from director.model.environments.desired import Desired, StemcellOffer, StockRefusal, StockThere
from director.model.stemcell_names import StemcellName
from director.model.written.manifest import StemcellUse
from director.resolve.front import resolve_desired, stemcells_meant
from tests.unit.director.resolve.case_files import CASES
from tests.unit.director.resolve.test_written_keys import request_of

MANIFEST: Any = yaml.safe_load((CASES / "base" / "manifest.yml").read_text())
CLOUD_CONFIG: Any = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())
LIGHT = "bosh-aws-xen-hvm-ubuntu-jammy-go_agent"
JAMMY = StockImage(os="ubuntu", version="22.04", architecture="x86_64", description="the stock image of Ubuntu 22.04")
HOST = StockImage(os="debian", version="12.10", architecture="x86_64", description="this machine's operating system")
OFFER = StemcellOffer(os="ubuntu", version="22.04", architecture="x86_64")


def _desired(
    written: dict[str, str], *images: StockImage, more: Any = (), offers: tuple[StemcellOffer, ...] | None = None
) -> Desired:
    manifest = {**MANIFEST, "stemcells": [{"alias": "default", **written}], "addons": list(more)}
    stock = tuple(StockThere(asked="ubuntu-jammy", image=image) for image in images)
    request = replace(request_of(manifest, CLOUD_CONFIG), stock=stock)
    return resolve_desired(request if offers is None else replace(request, stemcells=offers))


def _remarks(desired: Desired, code: str) -> list[tuple[str, str]]:
    return [(one.text, one.where) for one in desired.remarks if one.code == code]


@pytest.mark.parametrize(
    "written",
    [
        {"os": "ubuntu-jammy", "version": "latest"},
        {"os": "ubuntu-jammy", "version": "1.404"},
        {"os": "ubuntu-jammy", "version": "1.latest"},
        {"name": LIGHT, "version": "latest"},
        {"name": LIGHT, "os": "ubuntu-noble", "version": "latest"},
    ],
    ids=str,
)
def test_a_stemcell_by_bosh_s_name_is_the_stock_image_of_its_os(written: dict[str, str]) -> None:
    desired = _desired(written, JAMMY)
    assert {group.stemcell for group in desired.groups} == {OFFER}
    assert {package.stemcell for package in desired.packages} == {OFFER}
    assert desired.stock == (StockThere(asked="ubuntu-jammy", image=JAMMY),)


def test_the_image_and_a_version_that_it_does_not_have_are_remarked_with_the_place() -> None:
    said = "VMs of stemcell 'default' (ubuntu-jammy {}) are created from the stock image of Ubuntu 22.04."
    (latest,) = _remarks(_desired({"os": "ubuntu-jammy", "version": "latest"}, JAMMY), "stemcell-stock")
    (exact,) = _remarks(_desired({"os": "ubuntu-jammy", "version": "1.404"}, JAMMY), "stemcell-stock")
    ignored = " Its version is not 1.404: that is the version of a stemcell, which this image is not."
    assert (latest[0], exact[0]) == (said.format("latest"), said.format("1.404") + ignored)
    assert latest[1].startswith("manifest.yml:")


def test_several_stemcells_of_one_image_draw_one_remark() -> None:
    stemcells = [
        {"alias": "default", "os": "ubuntu-jammy", "version": "latest"},
        {"alias": "old", "os": "ubuntu-trusty", "version": "3586.1"},
    ]
    request = replace(
        request_of({**MANIFEST, "stemcells": stemcells}, CLOUD_CONFIG),
        stock=tuple(StockThere(asked=os, image=HOST) for os in ("ubuntu-jammy", "ubuntu-trusty")),
    )
    ((text, _),) = _remarks(resolve_desired(request), "stemcell-stock")
    assert text.startswith("VMs of stemcell 'default' (ubuntu-jammy latest) and 'old' (ubuntu-trusty 3586.1) are ")


def test_a_stemcell_of_that_name_which_the_environment_has_comes_first() -> None:
    own = StemcellOffer(os="ubuntu-jammy", version="1.404", architecture="x86_64", cid="ours")
    desired = _desired({"os": "ubuntu-jammy", "version": "1.latest"}, JAMMY, offers=(own,))
    assert ({group.stemcell for group in desired.groups}, desired.stock) == ({own}, ())
    assert _remarks(desired, "stemcell-stock") == []


def test_addons_are_filtered_by_the_manifest_s_name_and_not_by_the_image_s() -> None:
    addon = {"name": "bpm", "jobs": [{"name": "cron", "release": "shop"}]}
    for system, is_placed in (("ubuntu-jammy", True), ("ubuntu", False), ("debian", False)):
        addons = [{**addon, "include": {"stemcell": [{"os": system}]}}]
        for image in (JAMMY, HOST):
            desired = _desired({"os": "ubuntu-jammy", "version": "latest"}, image, more=addons)
            has = [any(job.name == "cron" for job in group.jobs) for group in desired.groups]
            assert (system, has) == (system, [is_placed] * len(desired.groups))


def test_an_image_that_the_environment_has_already_is_that_one() -> None:
    own = StemcellOffer(os="debian", version="12.10", architecture="x86_64", cid="there")
    desired = _desired({"os": "ubuntu-jammy", "version": "latest"}, HOST, offers=(own,))
    assert {group.stemcell for group in desired.groups} == {own}


def test_of_several_clouds_the_image_is_one_that_most_of_them_have() -> None:
    assert _desired({"os": "ubuntu-jammy", "version": "latest"}, HOST, JAMMY, JAMMY).groups[0].stemcell == OFFER


def test_what_the_cloud_refuses_is_refused_with_its_words_and_the_place() -> None:
    error = NotSupportedError("stock-image-unsupported", "What.", why="Why.", fix="Fix.")
    manifest = {**MANIFEST, "stemcells": [{"alias": "default", "os": "ubuntu-trusty", "version": "latest"}]}
    refusal = StockRefusal(asked="ubuntu-trusty", error=error)
    with pytest.raises(InputError) as raised:
        resolve_desired(replace(request_of(manifest, CLOUD_CONFIG), stock=(refusal,)))
    found = raised.value
    assert (found.code, found.what, found.why, found.fix) == ("stock-image-unsupported", "What.", "Why.", "Fix.")
    assert str(found.where).startswith("manifest.yml:")


def test_a_cloud_without_stock_images_has_what_it_has() -> None:
    with pytest.raises(InputError) as raised:
        _desired({"os": "ubuntu-jammy", "version": "latest"})
    assert raised.value.code == "unknown-stemcell"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (LIGHT, ("aws", "xen-hvm", "ubuntu-jammy", "", "go_agent", "")),
        ("bosh-azure-hyperv-ubuntu-noble", ("azure", "hyperv", "ubuntu-noble", "", "", "")),
        ("bosh-openstack-kvm-ubuntu-trusty-go_agent-raw", ("openstack", "kvm", "ubuntu-trusty", "", "go_agent", "raw")),
        ("bosh-warden-boshlite-ubuntu-xenial-go_agent", ("warden", "boshlite", "ubuntu-xenial", "", "go_agent", "")),
        ("bosh-google-kvm-windows2019-go_agent", ("google", "kvm", "windows2019", "", "go_agent", "")),
        ("bosh-vsphere-esxi-centos-7-go_agent", ("vsphere", "esxi", "centos-7", "", "go_agent", "")),
        ("bosh-aws-xen-hvm-ubuntu-jammy-fips-go_agent", ("aws", "xen-hvm", "ubuntu-jammy", "fips", "go_agent", "")),
    ],
)
def test_a_stemcell_s_name_is_read_into_its_parts(name: str, parts: tuple[str, ...]) -> None:
    keys = ("infrastructure", "hypervisor", "os", "variant", "agent", "disk_format")
    assert stemcell_names.read_stemcell_name(name) == StemcellName(**dict(zip(keys, parts, strict=True)))


@pytest.mark.parametrize("name", ["", "bosh", "bosh-aws", "my-ubuntu-jammy", "bosh-aws-xen-hvm-plan9-go_agent"])
def test_other_names_are_none_of_bosh_s(name: str) -> None:
    assert stemcell_names.read_stemcell_name(name) is None


@pytest.mark.parametrize(
    ("os", "meant"),
    [("ubuntu-jammy", "ubuntu-jammy"), ("windows2019", "windows2019"), ("linux", None), ("debian", None)],
)
def test_an_os_that_is_none_of_bosh_s_names_has_no_stock_image(os: str, meant: str | None) -> None:
    assert stemcell_names.system_meant(StemcellUse(alias="a", os=os, version="latest")) == meant


UPLOADED = tuple(
    StemcellOffer(name=name, os="ubuntu-jammy", version=version, architecture="x86_64", cid=f"{name}-{version}")
    for name, version in ((LIGHT, "1.300"), (LIGHT, "1.1364"), ("other", "1.1364"))
)


@pytest.mark.parametrize(
    ("written", "cid"),
    [
        ({"os": "ubuntu-jammy", "version": "latest"}, f"{LIGHT}-1.1364"),
        ({"os": "ubuntu-jammy", "version": "1.latest"}, f"{LIGHT}-1.1364"),
        ({"os": "ubuntu-jammy", "version": "1.300"}, f"{LIGHT}-1.300"),
        ({"name": LIGHT, "version": "latest"}, f"{LIGHT}-1.1364"),
        ({"name": "other", "version": "latest"}, "other-1.1364"),
        ({"name": "other", "os": "linux", "version": "1.1364"}, "other-1.1364"),
        ({"os": "linux", "version": "latest"}, "usual"),
        ({"os": "ubuntu-jammy", "version": "9.9"}, ""),
    ],
    ids=str,
)
def test_an_uploaded_stemcell_comes_before_the_stock_image_and_the_default_one(
    written: dict[str, str], cid: str
) -> None:
    usual = StemcellOffer(os="ubuntu-jammy", version="22.04", architecture="x86_64", cid="usual")
    desired = _desired(written, JAMMY, offers=(usual, *UPLOADED))
    assert {group.stemcell.cid for group in desired.groups} == {cid}


@pytest.mark.parametrize(
    ("written", "cids"),
    [
        ([{"os": "ubuntu-jammy", "version": "latest"}], [f"{LIGHT}-1.1364"]),
        ([{"os": "linux", "version": "latest"}, {"name": "other", "version": "latest"}], ["usual", "other-1.1364"]),
        ([{"os": "ubuntu-noble", "version": "latest"}], ["usual"]),
    ],
    ids=str,
)
def test_compiled_releases_are_chosen_for_what_the_manifest_means_not_for_all_that_was_uploaded(
    written: list[dict[str, str]], cids: list[str]
) -> None:
    usual = StemcellOffer(os="debian", version="12", architecture="x86_64", cid="usual")
    uses = [StemcellUse.model_validate({"alias": "a", **one}) for one in written]
    assert [offer.cid for offer in stemcells_meant(uses, (usual, *UPLOADED))] == cids
