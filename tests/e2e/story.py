"""A deployment that records its own story: each lifecycle script notes its input, on the VM and on its disk.

Takes a Compleat whose environment is up and a copy of the test release, gives deploys with some values changed.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType

from cpi.contract.values import JsonValue
from tests.support.command import ROOT, Compleat, Ran

CASES = ROOT / "tests/cases/updates"
Cid = NewType("Cid", str)

_VALUES = {
    "web": "2",
    "disk": "small",
    "word": "one",
    "failing": "false",
    "slow_s": "0",
    "web_type": "small",
    "type": "small",
    "address": "10.0.1.20",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One note of one script: time (the host's clock), instance, script and its input."""

    at: float
    instance: str
    script: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Deployment `name`; its release is at `release`, a copy that a test may edit."""

    compleat: Compleat
    release: Path
    name: str = "story"
    values: dict[str, str] = field(default_factory=lambda: dict(_VALUES))

    def words(self, command: str, **changes: str) -> tuple[str, ...]:
        """The command line of plan or deploy with some values changed for this once."""
        values = {**self.values, **changes, "name": self.name, "release": str(self.release)}
        flags = [part for name, value in sorted(values.items()) for part in ("-v", f"{name}={value}")]
        return (command, str(CASES / "story.yml"), "-n", *flags)

    def deploy(self, **changes: str) -> Ran:
        """Deploy; it must succeed."""
        return self.try_deploy(**changes).ended()

    def try_deploy(self, **changes: str) -> Ran:
        """Deploy, however it ends."""
        return self.compleat.run(*self.words("deploy", **changes))

    def plan(self, **changes: str) -> list[tuple[str, str]]:
        """What deploy would do: kinds and subjects, in order."""
        return actions_of(self.compleat.run(*self.words("plan", **changes), "--json").ended())

    def change(self, *words: str) -> Ran:
        """start, stop, restart, recreate or delete-deployment of this deployment."""
        return self.compleat.run(*words, "-d", self.name, "-n").ended()

    def done(self) -> list[tuple[str, str]]:
        """The newest task's actions: kinds and subjects, in order; each was done."""
        rows = self.compleat.run("task", "--json").ended().json["actions"]
        assert isinstance(rows, list)
        assert {row["state"] for row in rows if isinstance(row, dict)} <= {"done"}
        return [(str(row["action"]), str(row["subject"])) for row in rows if isinstance(row, dict)]

    def instances(self) -> dict[str, dict[str, JsonValue]]:
        """Each instance's row by its name."""
        rows = self.compleat.run("instances", "-d", self.name, "--json").ended().json["instances"]
        assert isinstance(rows, list)
        return {str(row["instance"]): dict(row) for row in rows if isinstance(row, dict)}

    def cids(self) -> dict[str, Cid]:
        """The VM of each instance."""
        return {name: Cid(str(row["vm_cid"])) for name, row in self.instances().items()}

    def ids(self) -> dict[str, str]:
        """The id of each instance."""
        return {name: str(row["id"]) for name, row in self.instances().items()}

    def shell(self, instance: str, command: str) -> str:
        """What a command on an instance prints."""
        return self.compleat.run("ssh", "-d", self.name, instance, "-c", command).ended().out

    def reported(self, *instances: str, since: float = 0.0, at: str = "/var/vcap/sys/log/probe") -> list[Line]:
        """The notes of these instances after a moment, in order of time."""
        lines = [
            _line(instance, text)
            for instance in instances
            for text in self.shell(instance, f"cat {at}/story.log").splitlines()
        ]
        return sorted((line for line in lines if line.at > since), key=lambda line: line.at)


def actions_of(plan: Ran) -> list[tuple[str, str]]:
    """Kinds and subjects of a printed plan, in order."""
    actions = plan.json["actions"]
    assert isinstance(actions, list)
    return [(str(action["kind"]), str(action["subject"])) for action in actions if isinstance(action, dict)]


def scripts_of(lines: list[Line]) -> list[str]:
    """The scripts, in order."""
    return [line.script for line in lines]


def prepare(compleat: Compleat, folder: Path, *, jumpbox: str = "public") -> Path:
    """Write the environment's file, bring it up with no more than that jumpbox, and give a copy of the release."""
    environments = compleat.home / "environments"
    environments.mkdir(mode=0o700, exist_ok=True)
    written = (CASES / "environment.yml").read_text().replace("((name))", compleat.environment)
    (environments / f"{compleat.environment}.yml").write_text(f"{written}\njumpbox: {jumpbox}\n")
    shutil.copy(CASES / "cloud-config.yml", environments / "cloud-config.yml")
    release = folder / "release"
    shutil.copytree(CASES / "release", release)
    compleat.run("up", "-n", "--bundle", str(CASES / "bundle")).ended()
    return release


def _line(instance: str, text: str) -> Line:
    at, word, script, *facts = text.split(" ")
    reported = dict(fact.split("=", 1) for fact in (word, *facts) if "=" in fact)
    return Line(at=float(at), instance=instance, script=script, facts=reported)
