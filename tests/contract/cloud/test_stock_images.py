"""What every cloud with stock images promises: an OS by BOSH's name becomes a stemcell that VMs start from."""

from dataclasses import replace

import pytest

from cpi.contract.cloud import StockImages
from cpi.contract.errors import NotSupportedError
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerQuery, PreflightRequest, StemcellRequest, StockImage
from tests.contract.cloud.subjects import ENVIRONMENT, Subject


@pytest.fixture
def stock(subject: Subject) -> StockImages:
    if subject.connected.stock is None:
        pytest.skip("the cloud knows no stock images")
    return subject.connected.stock


def _request(subject: Subject, image: StockImage) -> StemcellRequest:
    return StemcellRequest(
        owner=subject.owner("stock", ENVIRONMENT_ITSELF),
        os=image.os,
        version=image.version,
        cloud_properties={"architecture": image.architecture, **image.cloud_properties},
    )


@pytest.mark.parametrize("system", ["ubuntu-jammy", "ubuntu-noble"])
def test_the_image_passes_preflight_and_makes_a_stemcell_of_that_system(
    subject: Subject, stock: StockImages, system: str
) -> None:
    image = stock.stock_image(system)
    request = _request(subject, image)
    if subject.connected.preflight is not None:
        found = subject.connected.preflight.preflight(PreflightRequest(stemcells=(request,)))
        assert [one for one in found if one.is_fatal] == []
    cid = subject.connected.cloud.create_stemcell(request)
    found_stemcells = subject.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))
    (made,) = [one for one in found_stemcells if one.cid == cid]
    assert (made.os, made.version, made.architecture) == (image.os, image.version, image.architecture)
    vm = subject.connected.cloud.create_vm(replace(subject.vm_request("a1"), stemcell_cid=cid)).cid
    assert subject.connected.cloud.has_vm(vm)


def test_asking_calls_nobody_and_gives_the_same_twice(stock: StockImages) -> None:
    assert stock.stock_image("ubuntu-jammy") == stock.stock_image("ubuntu-jammy")


def test_another_image_than_the_asked_one_is_described_as_such_or_refused(stock: StockImages) -> None:
    try:
        assert "this machine" in stock.stock_image("ubuntu-trusty").description
    except NotSupportedError as error:
        assert (error.code, bool(error.why), "ubuntu-jammy" in error.fix or "Name" in error.fix) == (
            "stock-image-unsupported",
            True,
            True,
        )
