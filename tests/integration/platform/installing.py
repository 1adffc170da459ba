"""A release brought onto a test machine the way the director and the guest do it.

Takes a release directory, gives compiled packages below /var/vcap/packages and rendered jobs below /var/vcap/jobs.
"""

import json
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from tests.integration.platform.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a template sees of a link: properties, and instances that all live on this machine."""

    properties: Mapping[str, Any]
    address: str = "127.0.0.1"

    @property
    def instances(self) -> list[dict[str, Any]]:
        """Give the one instance."""
        return [{"address": self.address, "id": "0", "index": 0, "az": "z1", "bootstrap": True}]

    def p(self, name: str) -> Any:
        """Give a property by its dotted name."""
        return self.properties[name]


def compile_package(machine: Machine, release: Path, name: str, *, blobs: Path) -> None:
    """Stage a package's files, run its packaging script, leave the result where jobs look for it."""
    spec = yaml.safe_load((release / "packages" / name / "spec").read_text())
    staged = machine.root / "data" / "compile" / name
    for pattern in spec["files"]:
        found = [(base, path) for base in (release / "src", blobs) for path in base.glob(pattern) if path.is_file()]
        found = [(base, path) for base, path in found if "__pycache__" not in path.parts]
        assert found, f"missing files for {pattern}"
        for base, path in found:
            target = staged / path.relative_to(base)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copy(release / "packages" / name / "packaging", staged / "packaging")
    installed = machine.root / "data" / "packages" / name / "1"
    installed.mkdir(parents=True)
    (machine.root / "packages" / name).symlink_to(f"/var/vcap/data/packages/{name}/1")
    machine.run(
        ["bash", "-x", "packaging"],
        cwd=f"/var/vcap/data/compile/{name}",
        env={
            "BOSH_COMPILE_TARGET": f"/var/vcap/data/compile/{name}",
            "BOSH_INSTALL_TARGET": f"/var/vcap/packages/{name}",
            "BOSH_PACKAGE_NAME": name,
            "BOSH_PACKAGE_VERSION": "1",
        },
    )


def install_job(
    machine: Machine, release: Path, name: str, *, properties: Mapping[str, Any], links: Mapping[str, Link]
) -> None:
    """Render a job's templates, programs 0750 and files 0640, owned by root and the group vcap."""
    folder = machine.root / "jobs" / name
    for path, text in render_job(release, name, properties=properties, links=links).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(0o750 if path.startswith("bin/") else 0o640)
        for one in (target, target.parent, folder):
            if one.is_dir():
                one.chmod(0o750)
            if not machine.one_id:
                shutil.chown(one, 0, 1000)
    for kind in ("log", "run"):
        made = machine.root / "data" / "sys" / kind / name
        made.mkdir(parents=True, exist_ok=True)
        made.chmod(0o770)
        if not machine.one_id:
            shutil.chown(made, 0, 1000)


def render_job(release: Path, name: str, *, properties: Mapping[str, Any], links: Mapping[str, Link]) -> dict[str, str]:
    """Give each rendered file by its destination."""
    spec = yaml.safe_load((release / "jobs" / name / "spec").read_text())
    defaults = {key: value["default"] for key, value in spec["properties"].items() if "default" in value}
    unknown = set(properties) - set(spec["properties"])
    assert not unknown, f"undeclared: {unknown}"
    known = defaults | dict(properties)
    environment = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters |= {"json": json.dumps, "shell": lambda text: shlex.quote(str(text)), "yaml": yaml.safe_dump}
    context = {
        "p": lambda key: known[key],
        "has_p": lambda *keys: all(key in known for key in keys),
        "link": lambda key: links[key],
        "has_link": lambda key: key in links,
        "name": name,
        "index": 0,
        "spec": {
            "deployment": "platform", "name": name, "index": 0, "id": "0", "az": "z1", "bootstrap": True,
            "address": "127.0.0.1", "ip": "127.0.0.1",
        },
    }  # fmt: skip
    return {
        destination: environment.from_string((release / "jobs" / name / "templates" / source).read_text()).render(
            context
        )
        for source, destination in spec["templates"].items()
    }
