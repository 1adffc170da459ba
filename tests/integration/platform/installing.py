"""A release brought onto a test machine the way the director and the guest do it.

Takes a release directory, gives compiled packages below /var/vcap/packages and rendered jobs below /var/vcap/jobs.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from cpi.contract.values import JsonValue
from director.edge.releases import release_directory
from director.model.erb import ErbText
from director.releases import releases
from director.render import languages, templates
from director.render.properties import Links
from tests.integration.platform.machine import Machine


def make_link(properties: Mapping[str, JsonValue]) -> JsonValue:
    """Give a link as templates see it; its one instance is this machine."""
    instance: dict[str, JsonValue] = {
        "name": "one",
        "address": "127.0.0.1",
        "id": "0",
        "index": 0,
        "az": "z1",
        "bootstrap": True,
    }
    return {"properties": properties, "instances": [instance]}


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
    machine: Machine, release: Path, name: str, *, properties: Mapping[str, JsonValue], links: Mapping[str, JsonValue]
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


def render_job(
    release: Path, name: str, *, properties: Mapping[str, JsonValue], links: Mapping[str, JsonValue]
) -> dict[str, str]:
    """Give each rendered file by its destination."""
    draft = releases.read_release_tree(release_directory.read_tree(release))
    job = next(job for job in draft.jobs if job.name == name)
    declared = {definition.name: definition.default for definition in job.properties}
    assert set(_dotted(properties)) <= set(declared), "a property that the job does not declare"
    known = _nested({name: default for name, default in declared.items() if default is not None} | _dotted(properties))
    where: dict[str, JsonValue] = {"address": "127.0.0.1", "ip": "127.0.0.1", "deployment": "platform", "id": "0"}
    spec: dict[str, JsonValue] = {**where, "name": name, "index": 0, "az": "z1", "bootstrap": True}
    context = languages.TemplateContext(spec=spec, properties=known, links=Links(by_name=links))
    files = {}
    for template in job.templates:
        made = templates.Jinja().render(template.source, template.content.decode(), context)
        assert isinstance(made, ErbText), made
        files[template.destination] = made.content
    return files


def _dotted(values: Mapping[str, JsonValue], prefix: str = "") -> dict[str, JsonValue]:
    flat: dict[str, JsonValue] = {}
    for name, value in values.items():
        flat |= _dotted(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value}
    return flat


def _nested(flat: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    tree: dict[str, JsonValue] = {}
    for dotted, value in flat.items():
        *folders, last = dotted.split(".")
        place = tree
        for folder in folders:
            inner = place.setdefault(folder, {})
            assert isinstance(inner, dict)
            place = inner
        place[last] = value
    return tree
