"""A director inside the network: compleat runs on a machine of the operator's subnet and reaches VMs at their private
addresses. No jumpbox, no public address, no port that is open to anyone else.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.clouds import inside as insides
from tests.e2e.clouds import place as places
from tests.e2e.clouds.inside import Inside
from tests.support.bodies import ground
from tests.support.command import ROOT, Compleat

CASES = ROOT / "tests/cases/updates"
BUNDLE = CASES / "bundle"
CLOUDS: Mapping[str, Callable[[], AbstractContextManager[Inside]]] = {
    "local": insides.on_local_inside,
    "aws": insides.on_aws_inside,
    "azure": insides.on_azure_inside,
}
VALUES = {
    "name": "story",
    "release": str(CASES / "release"),
    "web": 1,
    "disk": "small",
    "word": "one",
    "failing": False,
    "slow_s": 0,
    "web_type": "default",
    "type": "default",
    "address": "10.30.0.100",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Director:
    """`compleat` on the machine inside; `values` is the file of the manifest's variables."""

    compleat: Compleat
    inside: Inside
    values: Path

    def deploy(self, **changes: object) -> None:
        self.values.write_text(yaml.safe_dump({**VALUES, **changes}))
        self.compleat.run("deploy", str(CASES / "story.yml"), "-n", "-l", str(self.values)).ended()

    def rows(self) -> Mapping[str, Mapping[str, Any]]:
        found = self.compleat.run("instances", "-d", "story", "--json").ended().json["instances"]
        return {row["instance"]: row for row in found}

    def shell(self, instance: str, command: str) -> str:
        return self.compleat.run("ssh", "-d", "story", instance, "-c", command).ended().out


@pytest.fixture(params=CLOUDS)
def director(
    request: pytest.FixtureRequest, new_compleat: Callable[[], Compleat], tmp_path: Path
) -> Iterator[Director]:
    with CLOUDS[request.param]() as inside:
        compleat = replace(new_compleat(), network=inside.network)
        _write_environment(compleat, inside, tmp_path)
        try:
            yield Director(compleat=compleat, inside=inside, values=tmp_path / "values.yml")
        finally:
            compleat.run("down", "-n")


def test_an_environment_without_a_jumpbox_lives_from_up_to_down(director: Director, tmp_path: Path) -> None:
    before = sorted(director.inside.held())
    if director.inside.set_door is not None:
        _closed_door_is_seen_before_anything_is_made(director, director.inside.set_door)
    up = director.compleat.run("up", "-n", "--json", "--bundle", str(BUNDLE)).ended()
    assert (up.json["problems"], {"jumpbox", "ssh"} & up.json.keys()) == ({}, set())
    director.deploy()
    rows = director.rows()
    assert {name: row["state"] for name, row in rows.items()} == dict.fromkeys(("lone/0", "web/0"), "running")
    assert all(ip.startswith("10.30.0.") for row in rows.values() for ip in row["ips"])
    names = "getent hosts q-s0.lone.default.story.bosh q-s0.web.default.story.bosh | cut -d' ' -f1"
    assert sorted(director.shell("web/0", names).split()) == sorted(ip for row in rows.values() for ip in row["ips"])
    _copies_go_both_ways(director, tmp_path)
    assert director.compleat.run("ssh", "jumpbox").err.startswith("jumpbox-missing:")

    director.shell("web/0", "echo kept >/var/vcap/store/marker")
    director.inside.lose(str(rows["web/0"]["vm_cid"]))
    assert director.rows()["web/0"]["state"] == "vm missing"
    director.deploy(word="two")
    healed = director.rows()
    assert {name for name in rows if rows[name]["vm_cid"] != healed[name]["vm_cid"]} == {"web/0"}
    assert director.shell("web/0", "cat /var/vcap/store/marker") == "kept\n"
    assert "two" in director.shell("web/0", "cat /var/vcap/jobs/probe/bin/note")

    director.compleat.run("down", "-n").ended()
    assert sorted(director.inside.held()) == before


def _closed_door_is_seen_before_anything_is_made(director: Director, set_door: Callable[[bool], None]) -> None:
    set_door(False)
    words = ("plan", str(CASES / "story.yml"), "-l", str(director.values))
    director.values.write_text(yaml.safe_dump(VALUES))
    assert f"does not let TCP port 22 in from {insides.DIRECTOR}" in director.compleat.run(*words).ended(3).err
    set_door(True)
    assert "public addresses are placeholders" not in director.compleat.run(*words).ended().err


def _copies_go_both_ways(director: Director, folder: Path) -> None:
    (folder / "there").write_text("hello")
    director.compleat.run("scp", "-d", "story", str(folder / "there"), "web/0:/tmp/file").ended()
    director.compleat.run("scp", "-d", "story", "web/0:/tmp/file", str(folder / "back")).ended()
    assert (folder / "back").read_text() == "hello"
    director.compleat.run("logs", "-d", "story", "web/0", "--dir", str(folder)).ended()
    assert list(folder.glob("*.tgz"))


def _write_environment(compleat: Compleat, inside: Inside, folder: Path) -> None:
    subnet = {
        "range": insides.CIDR,
        "gateway": "10.30.0.1",
        "azs": ["z1"],
        "reserved": ["10.30.0.2 - 10.30.0.15"],
        "static": ["10.30.0.100 - 10.30.0.110"],
        "cloud_properties": dict(inside.subnet),
    }
    config = {
        "azs": [{"name": "z1"}],
        "networks": [{"name": "default", "type": "manual", "subnets": [subnet]}],
        "vm_types": [{"name": "default", "cloud_properties": dict(inside.vm_type)}],
        "disk_types": [{"name": "small", "disk_size": 1024}],
        "compilation": {"workers": 1, "network": "default", "az": "z1", "vm_type": "default"},
    }
    (folder / "cloud-config.yml").write_text(yaml.safe_dump(config))
    document = {
        "name": compleat.environment,
        "cloud_config": str(folder / "cloud-config.yml"),
        "networks": {},
        "public_names": [],
        "jumpbox": "none",
        "preflight_limit_s": 200,
        **inside.environment,
    }
    places.write_document(compleat, compleat.environment, document)
