"""The shipped releases are complete: pins, templates, and a declaration of every property that a template reads."""

import re
from pathlib import Path

import jinja2
import pytest
import yaml
from jinja2 import nodes

from director.edge.releases import release_directory
from director.monit import reading as monit_reading
from director.model.releases.release import Release, ReleaseJob
from director.render import languages
from director.releases import releases

MANIFESTS = Path(__file__).parents[3] / "manifests"
RELEASES = {"platform": MANIFESTS / "platform/release", "hello": MANIFESTS / "examples/hello/release"}
_PIN_KEYS = {"object_id", "sha", "size"}


def read_jobs(name: str) -> dict[str, ReleaseJob]:
    """Read a release's jobs the way the director does."""
    draft = releases.read_release_tree(release_directory.read_tree(RELEASES[name]))
    assert draft.name == name
    return {job.name: job for job in draft.jobs}


def finished(name: str) -> Release:
    """Read a release with its fingerprints."""
    draft = releases.read_release_tree(release_directory.read_tree(RELEASES[name]))
    digests = release_directory.FileDigests().digest_files(RELEASES[name], draft.unread())
    return releases.finish_release(draft, digests).release


def test_the_releases_hold_these_jobs_and_packages() -> None:
    held = {
        name: ([j.name for j in finished(name).jobs], [p.name for p in finished(name).packages]) for name in RELEASES
    }
    assert held == {
        "platform": (
            ["console", "nats", "postgres", "redis", "smoke-tests"],
            ["console", "nats", "postgres", "python-libraries", "redis", "smoke-tests"],
        ),
        "hello": (["hello"], ["hello"]),
    }


def test_every_blob_is_pinned_by_project_version_file_size_and_digest() -> None:
    blobs = yaml.safe_load((RELEASES["platform"] / "config/blobs.yml").read_text())
    loose = {path for path, blob in blobs.items() if not _is_pinned(path, blob)}
    assert (len(blobs), loose) == (20, set())


def test_each_server_has_a_blob_for_each_architecture() -> None:
    blobs = yaml.safe_load((RELEASES["platform"] / "config/blobs.yml").read_text())
    kinds = {(path.split("/")[0], blob["architecture"]) for path, blob in blobs.items() if "architecture" in blob}
    assert kinds == {(program, kind) for program in ("nats", "postgres", "redis") for kind in ("x86_64", "aarch64")}


@pytest.mark.parametrize("release", RELEASES)
def test_no_address_of_a_download_is_written_anywhere(release: str) -> None:
    config = "".join(path.read_text() for path in (RELEASES[release] / "config").iterdir())
    assert re.findall(r"https?://\S+", config) == []


@pytest.mark.parametrize("release", RELEASES)
def test_every_template_is_jinja_and_declared(release: str) -> None:
    jobs = read_jobs(release)
    declared = {(job.name, template.source) for job in jobs.values() for template in job.templates}
    present = {(path.parts[-3], path.name) for path in RELEASES[release].glob("jobs/*/templates/*")}
    assert declared == present
    assert {languages.language_of(source, b"") for _, source in declared} == {languages.Language.JINJA}


@pytest.mark.parametrize("release", RELEASES)
def test_templates_ask_only_for_declared_properties_and_links(release: str) -> None:
    jobs = read_jobs(release)
    offered = {link.type: set(link.properties) for job in jobs.values() for link in job.provides}
    asked: set[str] = set()
    granted: set[str] = set()
    for job in jobs.values():
        types = {link.name: link.type for link in job.consumes}
        granted |= {f"{job.name}: p({definition.name})" for definition in job.properties}
        granted |= {f"{job.name}: link({name})" for name in types}
        granted |= {f"{job.name}: link({name}).p({one})" for name, type_ in types.items() for one in offered[type_]}
        for template in job.templates:
            asked |= {f"{job.name}: {call}" for call in _calls(template.content.decode())}
    assert asked - granted == set()
    assert asked


@pytest.mark.parametrize("release", RELEASES)
def test_every_declared_property_is_used_by_a_template_or_a_link(release: str) -> None:
    for job in read_jobs(release).values():
        used = {call for template in job.templates for call in _calls(template.content.decode())}
        used |= {f"p({name})" for link in job.provides for name in link.properties}
        assert {f"p({definition.name})" for definition in job.properties} - used == set(), job.name


@pytest.mark.parametrize("release", RELEASES)
def test_every_program_is_a_bash_script_that_stops_at_the_first_error(release: str) -> None:
    scripts = [*RELEASES[release].glob("packages/*/packaging")]
    scripts += [RELEASES[release] / f"jobs/{job.name}/templates/{template.source}"
                for job in read_jobs(release).values() for template in job.templates
                if template.destination in ("bin/ctl", "bin/pre-start", "bin/run")]  # fmt: skip
    assert len(scripts) > 1
    assert {script: script.read_text().startswith("#!/bin/bash\n# ") for script in scripts} == dict.fromkeys(
        scripts, True
    )
    assert {script for script in scripts if "\nset -eu" not in script.read_text()} == set()


@pytest.mark.parametrize("release", RELEASES)
def test_monit_watches_each_process_by_its_pidfile_in_group_vcap(release: str) -> None:
    for job in read_jobs(release).values():
        assert languages.language_of_monit(job.monit) is languages.Language.VERBATIM
        watched = [
            (check.name, check.path, check.group, check.start and check.start.command)
            for check in monit_reading.read_checks(job.monit.decode())
        ]
        runs = "bin/ctl" in {template.destination for template in job.templates}
        pidfile, start = f"/var/vcap/sys/run/{job.name}/{job.name}.pid", (f"/var/vcap/jobs/{job.name}/bin/ctl", "start")
        assert watched == ([(job.name, pidfile, "vcap", start)] if runs else [])


def _is_pinned(path: str, blob: dict[str, object]) -> bool:
    object_id = re.fullmatch(r"pypi:([a-z0-9-]+)/([0-9.]+)/([A-Za-z0-9._-]+)", str(blob.get("object_id")))
    return (
        set(blob) - {"architecture"} == _PIN_KEYS
        and object_id is not None
        and Path(path).name == object_id[3]
        and re.split(r"[-_]", object_id[3].lower())[0] == object_id[1].split("-")[0]
        and f"-{object_id[2]}" in object_id[3]
        and re.fullmatch(r"sha256:[0-9a-f]{64}", str(blob["sha"])) is not None
        and isinstance(blob["size"], int)
        and blob["size"] > 1000
    )


def _calls(text: str) -> set[str]:
    """Give each `p(name)`, `link(name)` and `link(name).p(name)` of a template."""
    found = set()
    for call in jinja2.Environment().parse(text).find_all(nodes.Call):
        argument = call.args[0] if call.args else None
        if not isinstance(argument, nodes.Const):
            continue
        if isinstance(call.node, nodes.Name) and call.node.name in ("p", "link"):
            found.add(f"{call.node.name}({argument.value})")
        if isinstance(call.node, nodes.Getattr) and call.node.attr == "p":
            owner = call.node.node
            assert isinstance(owner, nodes.Call)
            assert isinstance(owner.args[0], nodes.Const)
            found.add(f"link({owner.args[0].value}).p({argument.value})")
    return found
