"""A cloud added as a BOSH CPI executable (`exec:`), by the book: our own plugins behind `compleat cpi`, real machines.

The pages give the environment's file and the commands (docs/howto/use-an-external-cpi.md, add-a-cloud.md). What a CPI
lacks, a landing zone, is there before, as the pages ask for it.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpi import plugins
from cpi.contract.cloud import ConnectSettings
from cpi.contract.values import ENVIRONMENT_ITSELF, CloudInfo, LandingSpec, OwnerKey
from tests.e2e.clouds import on_aws, on_azure
from tests.e2e.clouds import place as places
from tests.e2e.clouds.place import Place
from tests.support import try_it
from tests.support.bodies import ground
from tests.support.command import ROOT, Compleat

BUNDLE = ROOT / "tests/cases/external/bundle"

pytestmark = [
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A cloud behind the executable, the protocol's version, and the disk that goes with it, 0 for none."""

    opened: Callable[[], AbstractContextManager[Place]]
    version: int
    disk_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`before` is what the cloud held before our first command: its landing zone."""

    compleat: Compleat
    place: Place
    before: tuple[str, ...]
    values: tuple[str, ...]


@pytest.fixture(
    params=[
        Spoken(opened=on_aws.opened, version=2, disk_mib=1024),
        Spoken(opened=on_azure.opened, version=1, disk_mib=0),
    ],
    ids=["aws-v2", "azure-v1"],
)
def trial(request: pytest.FixtureRequest, new_compleat: Callable[[], Compleat], tmp_path: Path) -> Iterator[Trial]:
    compleat, spoken = replace(new_compleat(), is_warm=True), request.param
    with spoken.opened() as place:
        about, outputs = _make_landing(compleat, place, tmp_path)
        _write_environment(compleat, place, spoken, about=about, address=outputs["jumpbox_public_ip"], folder=tmp_path)
        disk = ("-v", f"disk_mib={spoken.disk_mib}")
        try:
            yield Trial(compleat=compleat, place=place, before=tuple(place.held()), values=disk)
        finally:
            compleat.run("down", "-n")


def test_a_cloud_is_added_as_an_executable_by_the_book(trial: Trial) -> None:
    doctor, up, down = try_it.commands()
    trial.compleat.run(*doctor).ended()
    words = (*up, "-n", "--json", "--bundle", str(BUNDLE), "-v", "greeting=Hello", *trial.values)
    assert trial.compleat.run(*words).ended().json["problems"] == {}
    assert _greeting(trial) == "Hello"
    made = sorted(trial.place.bodies.standing())
    deploy = ("deploy", str(BUNDLE / "hello.yml"), "-n", "-v", "greeting=Hallo", *trial.values)
    trial.compleat.run(*deploy).ended()
    assert _greeting(trial) == "Hallo"
    assert (sorted(trial.place.bodies.standing()), len(made)) == (made, 2)
    assert "none of the recorded resources is left" in trial.compleat.run(*down, "-n").ended().out
    assert tuple(trial.place.held()) == trial.before
    assert trial.place.bodies.standing() == {}


def _make_landing(compleat: Compleat, place: Place, folder: Path) -> tuple[CloudInfo, Mapping[str, str]]:
    """What an operator has before a CPI is of use: networks, groups, and an address for the jumpbox."""
    settings = ConnectSettings(
        environment=compleat.environment, state_dir=str(folder / "operator"), properties=place.properties
    )
    connected = plugins.find_plugin(place.plugin).connect(settings)
    assert connected.landing is not None
    spec = LandingSpec(networks={"default": "10.0.0.0/16"}, public_names=("jumpbox",))
    outputs: dict[str, str] = {}
    for resource in connected.landing.landing_resources(spec):
        owner = OwnerKey(
            environment=compleat.environment, deployment=ENVIRONMENT_ITSELF, action=f"by hand/{resource.name}"
        )
        outputs |= connected.landing.create_landing_resource(resource, owner).outputs
    return connected.cloud.info(), outputs


def _write_environment(
    compleat: Compleat, place: Place, spoken: Spoken, *, about: CloudInfo, address: str, folder: Path
) -> None:
    """The page's example with our names in it, and the executable that it leads to."""
    config, cpi = folder / "cpi.json", folder / "cpi"
    login = {"user": "root"}
    served = {
        "environment": compleat.environment,
        "state_dir": str(folder),
        "login": login,
        "properties": place.properties,
    }
    config.write_text(json.dumps(served))
    cpi.write_text(f"#!/bin/sh\nexec {sys.executable} -m director.cli.main cpi {place.plugin} --config {config}\n")
    cpi.chmod(0o755)
    written = try_it.environment_file()
    properties = written["properties"]
    assert isinstance(properties, dict)
    written |= {
        "name": compleat.environment,
        "cloud": f"exec:{cpi}",
        "cloud_config": str(ROOT / f"manifests/cloud-configs/{place.plugin}.yml"),
        "properties": {
            **properties,
            "stemcell": {"os": about.default_os, "version": about.default_version},
            "api_version": spoken.version,
        },
        "variables": {"jumpbox_public_ip": address},
    }
    places.write_document(compleat, compleat.environment, written)


def _greeting(trial: Trial) -> str:
    words = ("ssh", "-d", "hello", "hello/0", "-c", "cat /var/vcap/jobs/hello/config/greeting")
    return trial.compleat.run(*words).ended().out.partition(",")[0]
