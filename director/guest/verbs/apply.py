"""The verb apply: jobs and packages installed exactly as a spec says.

Takes a spec and the rendered files of each job, gives BOSH's layout, modes and links; the same spec twice changes
nothing. Source: cloudfoundry/bosh-agent agent/action/apply.go, agent/applier.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any, Dict, List, Mapping, NamedTuple

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout, create_directory, take_ownership
from director.guest.packages import packages
from director.guest.packages.packages import Package
from director.guest.supervise import log_rotation
from director.guest.system import files, stemcell_parts


class _File(NamedTuple):
    content: bytes
    mode: int


def apply_spec(guest: Guest, arguments: Arguments, call: VerbCall) -> str:
    """A spec without configuration_hash is only written down, as for a VM that has no jobs yet."""
    spec = arguments.child("spec")
    with guest.changing:
        if spec.text("configuration_hash", ""):
            _install(guest.layout, spec, _read_files(arguments))
        _write_facts(guest.layout, spec.raw)
    return "applied"


def _read_files(arguments: Arguments) -> Dict[str, Dict[str, _File]]:
    read: Dict[str, Dict[str, _File]] = {}
    for job, rendered in arguments.named("files").items():
        files.check_plain_name(job, "job")
        read[job] = {
            _check_path(path): _File(entry.content("content_base64"), _mode(path, entry.flag("is_executable")))
            for path, entry in rendered.all_children().items()
        }
    return read


def _mode(path: str, is_executable: bool) -> int:
    return 0o750 if is_executable or path.startswith("bin/") else 0o640


def _check_path(path: str) -> str:
    if not path or not all(files.is_plain_name(part) for part in path.split("/")):
        raise GuestError("unsafe-name", "The job file path %r leads outside its job." % path)
    return path


def _install(layout: Layout, spec: Arguments, rendered: Mapping[str, Mapping[str, _File]]) -> None:
    jobs = [files.check_plain_name(job, "job") for job in spec.words("jobs")]
    missing = [job for job in jobs if job not in rendered]
    if missing:
        raise GuestError("bad-arguments", "The spec names jobs without files: %s." % ", ".join(missing))
    wanted = packages.read_packages(spec, "packages")
    bundles = {job: _bundle_path(layout, job, rendered[job]) for job in jobs}
    if _differs(layout, spec.raw, bundles):
        _forget_monit_files(layout)
    for package in wanted:
        packages.unpack_package(layout, package)
        packages.enable_package(layout, package)
    for job in jobs:
        _install_job(layout, job, rendered[job], bundle=bundles[job])
        _link_packages(layout, bundles[job], wanted)
    packages.keep_only(layout.jobs, layout.path("data", "jobs"), bundles)
    kept = {package.name: packages.bundle_path(layout, package) for package in wanted}
    packages.keep_only(layout.packages, layout.path("data", "packages"), kept)
    if layout.is_default and os.getuid() == 0 and any(_wants_locale(each) for each in rendered.values()):
        stemcell_parts.ensure_locale()
    logging = spec.child("properties").child("logging")
    log_rotation.save_settings(layout, logging.text("max_log_file_size", "50M"))


def _wants_locale(rendered: Mapping[str, _File]) -> bool:
    """Whether a job names the locale, or is run by bpm, which sets it. Making it takes a second."""
    return "config/bpm.yml" in rendered or any(b"en_US.UTF-8" in file.content for file in rendered.values())


def _differs(layout: Layout, spec: Mapping[str, Any], bundles: Mapping[str, str]) -> bool:
    old = files.read_json(layout.spec_file)
    return old.get("jobs") != spec.get("jobs") or any(not os.path.isdir(path) for path in bundles.values())


def _forget_monit_files(layout: Layout) -> None:
    """After apply and before start nothing is to be supervised; `start` installs the files."""
    for name in os.listdir(layout.monit_jobs):
        files.remove_path(os.path.join(layout.monit_jobs, name))


def _bundle_path(layout: Layout, job: str, rendered: Mapping[str, _File]) -> str:
    """Where the job's files go: the folder is named by their content, so other content is another folder."""
    digest = hashlib.sha256()
    for path in sorted(rendered):
        file = rendered[path]
        digest.update(json.dumps([path, file.mode, len(file.content)]).encode() + file.content)
    return layout.path("data", "jobs", job, packages.bundle_name("1", digest.hexdigest()))


def _install_job(layout: Layout, job: str, rendered: Mapping[str, _File], *, bundle: str) -> None:
    if not os.path.isdir(bundle):
        create_directory(layout, os.path.dirname(bundle), mode=0o750)
        installing = bundle + ".installing"
        files.remove_path(installing)
        create_directory(layout, installing, mode=0o750)
        for path, file in rendered.items():
            _write_job_file(layout, installing, path=path, file=file)
        os.rename(installing, bundle)
    for directory in (os.path.join(layout.logs, job), os.path.join(layout.run, job), layout.path("data", job)):
        create_directory(layout, directory, mode=0o770)
    files.point_link(os.path.join(layout.jobs, job), bundle)


def _write_job_file(layout: Layout, root: str, *, path: str, file: _File) -> None:
    folder = root
    for part in path.split("/")[:-1]:
        folder = os.path.join(folder, part)
        create_directory(layout, folder, mode=0o750)
    files.write_file(os.path.join(root, path), file.content, mode=file.mode)
    take_ownership(layout, os.path.join(root, path))


def _link_packages(layout: Layout, bundle: str, wanted: List[Package]) -> None:
    folder = os.path.join(bundle, "packages")
    create_directory(layout, folder, mode=0o750)
    for name in set(os.listdir(folder)) - {package.name for package in wanted}:
        files.remove_path(os.path.join(folder, name))
    for package in wanted:
        files.point_link(os.path.join(folder, package.name), packages.bundle_path(layout, package))


def _write_facts(layout: Layout, spec: Mapping[str, Any]) -> None:
    if files.read_json(layout.spec_file) != spec:
        files.write_json(layout.spec_file, spec)
    for name in ("id", "az", "name", "deployment"):
        path = os.path.join(layout.instance, name)
        content = str(spec.get(name, "")).encode()
        if not os.path.exists(path) or _content(path) != content:
            files.write_file(path, content, mode=0o644)


def _content(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()
