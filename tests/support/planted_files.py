"""What an operator writes for a cloud (manifest, cloud config, environment's file), healthy, to plant faults in.

Takes a cloud's name and a folder, gives documents and writes them where the command looks for them.
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

from cpi.contract.values import Finding
from director.app.sessions.session import Session
from director.app.sessions.settings import Settings
from director.app.use_cases import doctor, up
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.app.wiring import sessions
from director.cli import change
from director.model.ids import EnvironmentName
from tests.support.callers import calling
from tests.support.command import ROOT, Compleat
from tests.support.watchers import ListWatcher

ENVIRONMENT = "trial"
Json = dict[str, Any]


@dataclass(slots=True)
class Papers:
    """The three documents, as they are about to be written."""

    manifest: Json
    cloud_config: Json
    environment: Json

    @property
    def properties(self) -> Json:
        """The plugin's own settings."""
        found: Json = self.environment["properties"]
        return found

    def add_group(self, name: str, **changes: Any) -> None:
        """Another instance group, like the first."""
        group = copy.deepcopy(self.manifest["instance_groups"][0])
        self.manifest["instance_groups"].append({**group, "name": name, **changes})

    def add_vm_type(self, name: str, **cloud_properties: Any) -> None:
        """Another VM type, and a group of it."""
        self.cloud_config["vm_types"].append({"name": name, "cloud_properties": cloud_properties})
        self.add_group(name, vm_type=name)

    def add_disk_type(self, name: str, size_mib: int, **cloud_properties: Any) -> None:
        """Another disk type, and a group with such a disk."""
        made = {"name": name, "disk_size": size_mib, "cloud_properties": cloud_properties}
        self.cloud_config["disk_types"].append(made)
        self.add_group(name, persistent_disk_type=name)

    def add_static(self, address: str) -> None:
        """Another group, with an address that the cloud config gives to be chosen."""
        subnet = self.cloud_config["networks"][0]["subnets"][0]
        subnet["reserved"] = []
        subnet["static"] = [*subnet["static"], address]
        self.add_group("static", networks=[{"name": "default", "static_ips": [address]}])

    def write(self, folder: Path, name: str = "manifest") -> Path:
        """Write them into a home; gives the manifest's path."""
        (folder / "environments").mkdir(exist_ok=True)
        cloud_config = folder / "cloud-config.yml"
        file = folder / "environments" / f"{ENVIRONMENT}.yml"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump({**self.environment, "cloud_config": str(cloud_config)}))
        cloud_config.write_text(yaml.safe_dump(self.cloud_config))
        manifest = folder / f"{name}.yml"
        manifest.write_text(yaml.safe_dump(self.manifest))
        return manifest


def healthy(plugin: str, properties: Json) -> Papers:
    """The smallest deployment on what ships for a cloud, pointed at an emulator by `properties`."""
    hello = ROOT / "manifests/examples/hello"
    manifest = yaml.safe_load((hello / "hello.yml").read_text())
    manifest["releases"][0]["url"] = f"file://{hello / 'release'}"
    environment = yaml.safe_load((ROOT / f"manifests/environments/{plugin}.yml").read_text())
    environment["name"] = ENVIRONMENT
    environment["properties"] = {**environment["properties"], **properties}
    cloud_config = yaml.safe_load((ROOT / f"manifests/cloud-configs/{plugin}.yml").read_text())
    return Papers(manifest=manifest, cloud_config=cloud_config, environment=environment)


def ten(plugin: str, properties: Json, folder: Path, *, seed: int) -> list[Path]:
    """Ten healthy deployments: groups of all kinds that the cloud config has."""
    folder.mkdir()
    random, manifests = Random(seed), []
    for number in range(10):
        papers = healthy(plugin, properties)
        papers.manifest["name"] = f"healthy-{number}"
        _vary(papers, random)
        manifests.append(papers.write(folder, f"healthy-{number}"))
    return manifests


def _vary(papers: Papers, random: Random) -> None:
    for number in range(random.randint(0, 4)):
        papers.add_group(
            f"g{number}",
            instances=random.randint(1, 4),
            azs=random.sample(["z1", "z2", "z3"], random.randint(1, 3)),
            vm_type=random.choice(["default", "small", "large"]),
            **random.choice([{}, {"persistent_disk_type": random.choice(["small", "medium", "large"])}]),
        )


def bundle(folder: Path) -> Path:
    """A bundle of the manifest in a home; gives its folder."""
    made = folder / "bundle"
    made.mkdir(exist_ok=True)
    (made / "index.yml").write_text(yaml.safe_dump({"name": "trial", "deployments": [{"manifest": "../manifest.yml"}]}))
    return made


def five(faults: Iterable[str], seed: int) -> list[str]:
    """Five of them; twelve seeds have each of two dozen faults at least twice."""
    names = sorted(faults)
    # Neither order puts a missing image beside one of the wrong architecture: the first hides the other.
    order = Random(seed // 6 + 2).sample(names, len(names))
    return [order[(5 * (seed % 6) + at) % len(order)] for at in range(5)]


def codes(names: Iterable[str]) -> set[str]:
    """The expected codes of faults, whose names may have a further word after a colon."""
    return {name.partition(":")[0] for name in names}


@contextmanager
def opened(folder: Path) -> Iterator[Session]:
    """What a command opens at that home, for a test that asks many times."""
    settings = Settings(home=str(folder), environment=EnvironmentName(ENVIRONMENT))
    with sessions.open_session(settings, ListWatcher()) as session:
        yield session


def examined(session: Session, *manifests: Path) -> tuple[Finding, ...]:
    """What `doctor` finds of a manifest, or of several as one bundle."""
    request = up.UpRequest(bundle="", caller=calling("compleat doctor"), values={})
    files = [change.plain_manifest(session, str(manifest), {}) for manifest in manifests]
    first, *more = files
    requested = (*up.requested_manifest(session, request, first), *(RequestedDeployment(files=each) for each in more))
    return tuple(
        each.finding for each in doctor.examine(session, requested, caller=calling("compleat doctor")).findings
    )


def fatal(findings: Iterable[Finding]) -> set[str]:
    """The codes of those that forbid; each says what, why, and what to do."""
    found = [one for one in findings if one.is_fatal]
    assert all(one.what and one.why and one.fix for one in found)
    return {one.code for one in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """How `doctor` and `up` ended: `codes` of what forbids, what `up` said, and the time of the slower one."""

    codes: set[str]
    words: str
    took_s: float


def refused(papers: Papers, folder: Path) -> Refused:
    """Run both as processes: each ends with exit code 3, and prints what, why and fix of every finding."""
    manifest, compleat = papers.write(folder), operator(folder)
    compleat.run("--help").ended()  # starts the process that the others are forked from, which imports everything
    looked = compleat.run("doctor", str(manifest), "--json").ended(3)
    rows = json.loads(looked.out)["findings"]
    begun = compleat.run("up", "-n", "--bundle", str(bundle(folder))).ended(3)
    for reported in (looked.err, begun.err):
        for row in rows:
            words = f"{row['code']}: {row['what']}\n  why: {row['why']}\n  fix: {row['fix']}\n"
            assert re.search(rf"\n(\S+:\d+:\d+: )?{re.escape(words)}", reported), words
    return Refused(codes={row["code"] for row in rows}, words=begun.err, took_s=max(looked.took_s, begun.took_s))


def operator(folder: Path) -> Compleat:
    """Who runs the command at that home."""
    folder.chmod(0o700)
    return Compleat(home=folder, environment=ENVIRONMENT, is_warm=True)
