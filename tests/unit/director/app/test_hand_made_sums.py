"""Prices of 20 manifests against sums made by hand.

Each sum is written down above its result. Hourly prices are those of the clouds' public lists (AWS in us-east-1, Azure
in West Europe, as of 2025-06-01, on demand, Linux), prices of storage those of a month, which has 730 hours. AWS's root
volumes have 8 GiB of gp3; Azure's system disks have 30 GiB and are billed as the 32 GiB tier of StandardSSD_LRS, 2.40 a
month. OpenStack has the table below.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from cpi.clouds.aws.prices.hourly_prices import AwsPricing
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.azure.prices.hourly_prices import AzurePricing
from cpi.clouds.openstack.prices.hourly_prices import OpenStackPricing
from cpi.clouds.openstack.wire.config import PriceTable
from cpi.contract.cloud import Pricing
from cpi.contract.values import LandingResource, PreflightRequest
from director.app.sessions.reading import ManifestFiles
from director.app.use_cases import bundle_preview
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.model.cloud_names import ONLY_CLOUD
from director.model.documents import Source
from director.plan.deciding import resource_groups
from tests.support.simulation import Simulation
from tests.support.stored_plans import CLOUD_CONFIG, Lab
from tests.unit.cpi.clouds.aws import requests as aws
from tests.unit.cpi.clouds.azure import requests as azure


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A group is "INSTANCES TYPE", with a disk "INSTANCES TYPE MIB", and "... DISK-TYPE" where there are several.

    `others` are kinds of landing resources, with the number of its rules after a load balancer's.
    """

    cloud: str
    groups: tuple[str, ...]
    addresses: int
    hourly: str
    others: tuple[str, ...] = ()


_TABLE = PriceTable(
    currency="EUR",
    as_of="2025-06-01",
    flavors={"m1.small": "0.02", "m1.large": "0.08"},
    volume_gib="0.0001",
    floating_ip="0.004",
)

_CASES = (
    # 0.0104 + 8*0.08/730
    _Case(cloud="aws", groups=("1 t3.micro",), addresses=0, hourly="0.011277"),
    # 2*0.0416 + 2*8*0.08/730 + 0.005
    _Case(cloud="aws", groups=("2 t3.medium",), addresses=1, hourly="0.089953"),
    # 3*0.096 + 3*(8 + 10)*0.08/730
    _Case(cloud="aws", groups=("3 m5.large 10240 gp3",), addresses=0, hourly="0.293918"),
    # 0.192 + 8*0.08/730 + 100*0.10/730
    _Case(cloud="aws", groups=("1 m6i.xlarge 102400 gp2",), addresses=0, hourly="0.206575"),
    # 2*0.34 + 16*0.08/730 + 2*0.005
    _Case(cloud="aws", groups=("2 c5.2xlarge",), addresses=2, hourly="0.691753"),
    # 0.126 + 8*0.08/730 + 500*0.045/730
    _Case(cloud="aws", groups=("1 r5.large 512000 st1",), addresses=0, hourly="0.157699"),
    # 5*0.0168 + 5*(8 + 1)*0.08/730
    _Case(cloud="aws", groups=("5 t4g.small 1024 gp3",), addresses=0, hourly="0.088932"),
    # 0.077 + 2*0.0816 + 3*8*0.08/730 + 2*20*0.125/730 + 0.005
    _Case(
        cloud="aws",
        groups=(
            "1 m6g.large",
            "2 m7g.large 20480 io1",
        ),
        addresses=1,
        hourly="0.254679",
    ),
    # 0.0047 + 8*0.08/730 + 3*0.005, a NAT gateway 0.045, a network load balancer 0.0225
    _Case(
        cloud="aws",
        groups=("1 t3a.nano",),
        addresses=3,
        others=("nat_gateway", "load_balancer 7"),
        hourly="0.088077",
    ),
    # 0.012 + 2.40/730
    _Case(cloud="azure", groups=("1 Standard_B1s",), addresses=0, hourly="0.015288"),
    # 2*0.048 + 2*2.40/730 + 0.005
    _Case(cloud="azure", groups=("2 Standard_B2s",), addresses=1, hourly="0.107575"),
    # 0.115 + 2.40/730 + 9.60/730
    _Case(cloud="azure", groups=("1 Standard_D2s_v5 102400 StandardSSD_LRS",), addresses=0, hourly="0.131438"),
    # 3*0.23 + 3*2.40/730 + 3*11.2272/730
    _Case(cloud="azure", groups=("3 Standard_D4s_v5 65536 Premium_LRS",), addresses=0, hourly="0.746002"),
    # 0.46 + 2.40/730 + 1.536/730 + 2*0.005
    _Case(cloud="azure", groups=("1 Standard_D8s_v5 32768 Standard_LRS",), addresses=2, hourly="0.475392"),
    # 2*0.096 + 0.12 + 3*2.40/730 + 21.68/730, a NAT gateway 0.045, a load balancer of 7 rules 0.025 + 2*0.01
    _Case(
        cloud="azure",
        groups=(
            "2 Standard_B2ms",
            "1 Standard_D2s_v3 131072 Premium_LRS",
        ),
        addresses=0,
        others=("nat", "load_balancer 7"),
        hourly="0.441562",
    ),
    # 0.02
    _Case(cloud="openstack", groups=("1 m1.small",), addresses=0, hourly="0.020000"),
    # 4*0.02 + 4*10*0.0001
    _Case(cloud="openstack", groups=("4 m1.small 10240",), addresses=0, hourly="0.084000"),
    # 0.08 + 100*0.0001 + 0.004
    _Case(cloud="openstack", groups=("1 m1.large 102400",), addresses=1, hourly="0.094000"),
    # 2*0.08 + 3*0.02 + 3*2*0.0001 + 2*0.004
    _Case(
        cloud="openstack",
        groups=(
            "2 m1.large",
            "3 m1.small 1025",
        ),
        addresses=2,
        hourly="0.228600",
    ),
    # 10*0.02 + 10*50*0.0001 + 0.004
    _Case(cloud="openstack", groups=("10 m1.small 51200",), addresses=1, hourly="0.254000"),
)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.cloud}: {', '.join(case.groups)}")
def test_the_price_of_a_manifest_is_within_one_percent_of_the_sum_made_by_hand(tmp_path: Path, case: _Case) -> None:
    request = replace(
        _request(tmp_path, case),
        landing=(
            *(LandingResource(kind="public_address", name=str(number)) for number in range(case.addresses)),
            *map(_other, case.others),
        ),
    )
    ours = sum((Decimal(price.amount) for price in _pricing(case.cloud).price(request)), Decimal(0))
    by_hand = Decimal(case.hourly)
    assert abs(ours - by_hand) <= by_hand / 100, f"{ours} instead of {by_hand}"


def test_there_are_twenty_sums_of_three_clouds() -> None:
    assert (len(_CASES), {case.cloud for case in _CASES}) == (20, {"aws", "azure", "openstack"})


def _other(words: str) -> LandingResource:
    kind, *rules = words.split()
    return LandingResource(kind=kind, name=kind, entries=tuple(map(str, range(int(rules[0])))) if rules else None)


def _request(folder: Path, case: _Case) -> PreflightRequest:
    """The manifest planned in an environment in memory: what its cloud would be sent."""
    lab = Lab(Simulation(), folder)
    (folder / "cloud-config.yml").write_text(CLOUD_CONFIG + _types(case))
    manifest = Source(name="manifest.yml", content=_manifest(case).encode())
    files = ManifestFiles(manifest=manifest, values={"size": "small"}, base=str(folder))
    preview = bundle_preview.preview_bundle(lab.session(), [RequestedDeployment(files=files)])
    groups = resource_groups.groups_after(preview.steps)
    found = [group.requests[ONLY_CLOUD] for group in groups]
    return PreflightRequest(
        vms=tuple(vm for request in found for vm in request.vms),
        disks=tuple(disk for request in found for disk in request.disks),
    )


def _types(case: _Case) -> str:
    """VM extensions and disk types by the number of their group."""
    extensions, disks = [], []
    key = "storage_account_type" if case.cloud == "azure" else "type"
    for number, group in enumerate(case.groups):
        _, size, *disk = group.split()
        extensions.append(f"{{name: x{number}, cloud_properties: {{instance_type: {size}}}}}")
        kind = f"{key}: {disk[1]}" if len(disk) > 1 else ""
        if disk:
            disks.append(f"{{name: d{number}, disk_size: {disk[0]}, cloud_properties: {{{kind}}}}}")
    return f"vm_extensions: [{', '.join(extensions)}]\ndisk_types: [{', '.join(disks)}]\n"


def _manifest(case: _Case) -> str:
    groups = []
    for number, group in enumerate(case.groups):
        instances, _, *disk = group.split()
        with_disk = f", persistent_disk_type: d{number}" if disk else ""
        groups.append(
            f"- {{name: g{number}, instances: {instances}, azs: [z1], stemcell: default, vm_type: default, "
            f"vm_extensions: [x{number}], networks: [{{name: default}}], jobs: []{with_disk}}}"
        )
    return (
        "name: app\nreleases: []\nstemcells: [{alias: default, os: memory-linux, version: latest}]\n"
        "update: {canaries: 1, max_in_flight: 1, canary_watch_time: 1000-30000, update_watch_time: 1000-30000}\n"
        "instance_groups:\n" + "\n".join(groups) + "\n"
    )


def _pricing(cloud: str) -> Pricing:
    if cloud == "aws":
        return AwsPricing(Api(aws.config()), aws.config())
    return AzurePricing(None, azure.settings()) if cloud == "azure" else OpenStackPricing(_TABLE)
