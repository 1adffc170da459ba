"""`compleat doctor` and `down` as commands, with the environment file we ship pointed at the emulator."""

import datetime
from pathlib import Path

import pytest
import yaml

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.wire.config import read_config
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey
from tests.support.aws.emulator import Emulator
from tests.support.command import ROOT, Compleat


@pytest.fixture
def compleat(emulator: Emulator, tmp_path: Path) -> Compleat:
    shipped = yaml.safe_load((ROOT / "manifests/environments/aws.yml").read_text())
    shipped["name"] = "trial"
    shipped["properties"] |= emulator.settings()
    shipped["cloud_config"] = str(ROOT / "manifests/cloud-configs/aws.yml")
    folder = tmp_path / "environments"
    folder.mkdir()
    (folder / "trial.yml").write_text(yaml.safe_dump(shipped))
    (folder / "trial.yml").chmod(0o600)
    return Compleat(home=tmp_path, environment="trial")


def test_doctor_is_content_until_something_is_missing(compleat: Compleat, emulator: Emulator) -> None:
    assert compleat.run("doctor").ended().code == 0
    emulator.account.denied.add("ec2:RunInstances")
    ended = compleat.run("doctor")
    assert (ended.code, ended.err.count("permissions-missing")) == (3, 1)
    assert ended.out == f"Login on aws: access key {emulator.settings()['access_key_id']} of the settings.\n"
    assert emulator.secret_key not in ended.out + ended.err
    assert emulator.inventory() == ()


def test_what_it_costs_today_is_told_where_aws_tells_it(compleat: Compleat, emulator: Emulator) -> None:
    words = ("doctor", "manifests/examples/hello/hello.yml", "--json")
    listed = compleat.run(*words).ended().json["cost"]
    assert listed["as_of"] == ["2025-06-01"]
    (kind,) = {
        str(price["what"]).removesuffix(" instance") for price in listed["prices"] if "instance" in price["what"]
    }
    emulator.account.prices[kind] = "7.5"
    reported = compleat.run(*words).ended().json["cost"]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    assert reported["as_of"] == ["2025-06-01", today]
    assert [price["amount"] for price in reported["prices"] if price["as_of"] == today] == ["15"]


def test_down_leaves_nothing_of_ours_and_all_of_others(compleat: Compleat, emulator: Emulator) -> None:
    spec = LandingSpec(networks={"default": "10.0.0.0/16"}, public_names=("jumpbox",))
    for name in ("trial", "theirs"):
        landing = connect_cloud(read_config(emulator.settings(bucket=False)), name).landing
        assert landing is not None
        for resource in landing.landing_resources(spec):
            landing.create_landing_resource(
                resource, OwnerKey(environment=name, deployment=ENVIRONMENT_ITSELF, action="up")
            )
    compleat.run("down", "-n").ended()
    assert {held.tags["compleat-environment"] for held in emulator.inventory()} == {"theirs"}
