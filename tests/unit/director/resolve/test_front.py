"""The whole of a Desired that the cases' summaries leave out."""

from cpi.contract.values import NetworkKind
from director.model.environments.desired import (
    Az,
    Compilation,
    Count,
    IpRange,
    Network,
    StemcellOffer,
    Subnet,
    UpdatePolicy,
    WatchTime,
)
from director.model.releases.release import ReleaseReference
from director.resolve.front import release_references
from tests.unit.director.resolve.case_files import CASES, read_request, resolve_case


def test_the_cloud_config_is_carried_over() -> None:
    desired = resolve_case(CASES / "whole")
    assert (desired.azs, desired.networks, desired.compilation) == (
        (Az(name="z1", cloud_properties={"zone": 1}), Az(name="z2")),
        (
            Network(
                name="default",
                kind=NetworkKind.MANUAL,
                subnets=(
                    Subnet(
                        cidr="10.0.0.0/24",
                        gateway="10.0.0.1",
                        dns=("10.0.0.2",),
                        azs=("z1", "z2"),
                        reserved=(IpRange(first="10.0.0.2", last="10.0.0.9"),),
                        static=(IpRange(first="10.0.0.20", last="10.0.0.29"),),
                    ),
                ),
                where="cloud-config.yml:17:3",
            ),
            Network(name="public", kind=NetworkKind.VIP, where="cloud-config.yml:25:3"),
        ),
        Compilation(workers=2, network="default", az="z1", is_reusing_vms=True, cloud_properties={"cpu": 8}),
    )


def test_a_group_says_only_what_it_does_differently() -> None:
    desired = resolve_case(CASES / "whole")
    usual = UpdatePolicy(
        canaries=Count(number=1),
        max_in_flight=Count(number=50, is_percent=True),
        canary_watch=WatchTime(min_ms=1000, max_ms=30000),
        update_watch=WatchTime(min_ms=5000, max_ms=5000),
    )
    db, web = desired.groups
    assert db.update == usual
    assert (web.update.canaries, web.update.is_serial, web.update.max_in_flight) == (
        Count(number=2),
        False,
        usual.max_in_flight,
    )


def test_linux_is_the_newest_of_the_first_os_that_is_offered() -> None:
    assert resolve_case(CASES / "whole").groups[0].stemcell == StemcellOffer(
        os="debian", version="12.10", architecture="x86_64"
    )


def test_releases_are_asked_for_as_the_manifest_names_them() -> None:
    assert release_references(read_request(CASES / "whole").manifest, "folder") == (
        ReleaseReference(name="shop", version="1", base="folder", where="manifest.yml:4:3"),
    )
