"""A cloud added as a BOSH CPI executable (`exec:`), by the book: our own plugins behind `compleat cpi`, real machines.

The pages give the environment's file and the commands (docs/howto/use-an-external-cpi.md, add-a-cloud.md). What a CPI
lacks, a landing zone, is there before, as the pages ask for it. On AWS the machine then moves to a managed network,
with the command killed while the executable creates it and while it deletes it.
"""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from cpi import plugins
from cpi.clouds.aws.wire import config
from cpi.clouds.aws.wire.api import Api
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
    network: str = "default"
    """Where the machine is in the end: `backend` is a managed network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`before` is what the cloud held before our first command: its landing zone."""

    compleat: Compleat
    place: Place
    spoken: Spoken
    before: tuple[str, ...]

    def values(self, greeting: str, network: str = "default") -> tuple[str, ...]:
        """What the manifest leaves open."""
        values = {"greeting": greeting, "network": network, "disk_mib": self.spoken.disk_mib}
        return tuple(word for name, value in values.items() for word in ("-v", f"{name}={value}"))


@pytest.fixture(
    params=[
        Spoken(opened=on_aws.opened, version=2, disk_mib=1024, network="backend"),
        Spoken(opened=on_azure.opened, version=1, disk_mib=0),
    ],
    ids=["aws-v2", "azure-v1"],
)
def trial(request: pytest.FixtureRequest, new_compleat: Callable[[], Compleat], tmp_path: Path) -> Iterator[Trial]:
    compleat, spoken = replace(new_compleat(), is_warm=True), request.param
    with spoken.opened() as place:
        about, outputs = _make_landing(compleat, place, tmp_path)
        _write_environment(compleat, place, spoken, about=about, address=outputs["jumpbox_public_ip"], folder=tmp_path)
        try:
            yield Trial(compleat=compleat, place=place, spoken=spoken, before=tuple(place.held()))
        finally:
            compleat.run("down", "-n")


def test_a_cloud_is_added_as_an_executable_by_the_book(trial: Trial) -> None:
    doctor, up, down = try_it.commands()
    trial.compleat.run(*doctor).ended()
    words = (*up, "-n", "--json", "--bundle", str(BUNDLE), *trial.values("Hello"))
    assert trial.compleat.run(*words).ended().json["problems"] == {}
    assert _greeting(trial) == "Hello"
    made = sorted(trial.place.bodies.standing())
    if trial.spoken.network == "default":
        trial.compleat.run(*_deploy(trial)).ended()
        assert sorted(trial.place.bodies.standing()) == made
    else:
        _move_to_managed_network(trial)
    assert (_greeting(trial), len(trial.place.bodies.standing()), len(made)) == ("Hallo", 2, 2)
    if trial.spoken.network != "default":
        _leave_managed_network(trial)
    assert "none of the recorded resources is left" in trial.compleat.run(*down, "-n").ended().out
    assert tuple(trial.place.held()) == trial.before
    assert trial.place.bodies.standing() == {}


def _deploy(trial: Trial) -> tuple[str, ...]:
    return ("deploy", str(BUNDLE / "hello.yml"), "-n", *trial.values("Hallo", trial.spoken.network))


def _move_to_managed_network(trial: Trial) -> None:
    """The message says what to do: the call may have created the network."""
    _kill_at("CreateSubnet", _deploy(trial), trial)
    told = trial.compleat.run(*_deploy(trial)).ended(1).err
    record = re.search(r"delete (\S+/networks/\S+\.json)", told.replace("\n", " "))
    assert "cpi-network-uncertain" in told and record, told
    (subnet,) = _new_subnets(trial)
    Api(config.read_config(trial.place.properties)).change("ec2", "DeleteSubnet", SubnetId=subnet)
    Path(record[1]).unlink()
    assert "managed.backend.a" in trial.compleat.run(*_deploy(trial)).ended().err
    assert len(_new_subnets(trial)) == 1
    assert "nothing to change" in trial.compleat.run("plan", *_deploy(trial)[1:]).ended().out


def _leave_managed_network(trial: Trial) -> None:
    delete = ("delete-deployment", "-d", "hello", "-n")
    _kill_at("DeleteSubnet", delete, trial)
    trial.compleat.run(*delete).ended()
    assert _new_subnets(trial) == ()


def _new_subnets(trial: Trial) -> tuple[str, ...]:
    new = set(trial.place.held()) - set(trial.before)
    return tuple(one.partition(" ")[2] for one in new if one.startswith("subnet "))


def _kill_at(call: str, words: tuple[str, ...], trial: Trial) -> None:
    """Kill the command as soon as the executable sends this call once more."""
    before = trial.place.calls().count(call)
    with trial.compleat.started(*words) as process:
        until_s = time.monotonic() + 60
        while trial.place.calls().count(call) == before:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until_s, f"no {call}"
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL


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
    settings, cpi = folder / "cpi.json", folder / "cpi"
    login = {"user": "root"}
    served = {
        "environment": compleat.environment,
        "state_dir": str(folder),
        "login": login,
        "properties": place.properties,
    }
    settings.write_text(json.dumps(served))
    cpi.write_text(f"#!/bin/sh\nexec {sys.executable} -m director.cli.main cpi {place.plugin} --config {settings}\n")
    cpi.chmod(0o755)
    written = try_it.environment_file()
    properties = written["properties"]
    assert isinstance(properties, dict)
    written |= {
        "name": compleat.environment,
        "cloud": f"exec:{cpi}",
        "cloud_config": str(_cloud_config(place.plugin, folder)),
        "properties": {
            **properties,
            "stemcell": {"os": about.default_os, "version": about.default_version},
            "api_version": spoken.version,
        },
        "variables": {"jumpbox_public_ip": address},
    }
    places.write_document(compleat, compleat.environment, written)


def _cloud_config(plugin: str, folder: Path) -> Path:
    """The one that ships, and a managed network."""
    written = yaml.safe_load((ROOT / f"manifests/cloud-configs/{plugin}.yml").read_text())
    subnet = {"name": "a", "azs": ["z1"], "range": "10.7.0.0/24", "reserved": ["10.7.0.1 - 10.7.0.3"]}
    written["networks"].append({"name": "backend", "type": "manual", "managed": True, "subnets": [subnet]})
    path = folder / "cloud-config.yml"
    path.write_text(yaml.safe_dump(written))
    return path


def _greeting(trial: Trial) -> str:
    words = ("ssh", "-d", "hello", "hello/0", "-c", "cat /var/vcap/jobs/hello/config/greeting")
    return trial.compleat.run(*words).ended().out.partition(",")[0]
