"""The verb compile_package: a package's source becomes what is installed.

Takes digests of a source archive and of compiled dependencies that are here already, gives a blob.
Source: cloudfoundry/bosh-agent agent/compiler/concrete_compiler.go.
"""

from __future__ import annotations

import os
from typing import Any, Dict, NamedTuple

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout, create_directory
from director.guest.packages import archives, blobs, packages
from director.guest.system import files, scripts
from director.guest.system.scripts import Script
from director.guest.verbs import lifecycle


class _Work(NamedTuple):
    """Where one package is compiled: `source` is the working folder, `target` the link that software bakes in."""

    name: str
    version: str
    source: str
    bundle: str
    target: str


def compile_package(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """One at a time on a VM, for packages are compiled under their final path; leaves nothing but the blob."""
    layout = guest.layout
    name = files.check_plain_name(arguments.text("name"), "package")
    version = arguments.text("version")
    source_digest = arguments.text("source_digest")
    bundle = layout.path("data", "packages", name, packages.bundle_name(version, source_digest))
    work = _Work(name, version, layout.path("data", "compile", name), bundle, os.path.join(layout.packages, name))
    with guest.changing:
        _remove_packages(layout)
        try:
            for dependency in packages.read_packages(arguments, "dependencies"):
                packages.unpack_package(layout, dependency)
                packages.enable_package(layout, dependency)
            _unpack_source(layout, work, source_digest)
            _run_packaging(guest, call, work)
            digest, size = blobs.make_blob(layout, lambda stream: archives.pack_directory(bundle, stream))
        finally:
            files.remove_path(work.source)
            _remove_packages(layout)
    return {"digest": digest, "size": size}


def _remove_packages(layout: Layout) -> None:
    packages.keep_only(layout.packages, layout.path("data", "packages"), {})


def _unpack_source(layout: Layout, work: _Work, source_digest: str) -> None:
    archive = blobs.need_blob(layout, source_digest)
    files.remove_path(work.source)
    unpacking = work.source + "-bosh-agent-unpack"
    files.remove_path(unpacking)
    archives.unpack_archive(archive, unpacking)
    os.rename(unpacking, work.source)
    os.makedirs(work.bundle)
    files.point_link(work.target, work.bundle)


def _run_packaging(guest: Guest, call: VerbCall, work: _Work) -> None:
    """A package without a packaging script is an empty one, as with BOSH."""
    layout = guest.layout
    if not os.path.isfile(os.path.join(work.source, "packaging")):
        return
    logs = os.path.join(layout.logs, "compilation")
    files.remove_path(logs)
    create_directory(layout, logs, mode=0o770)
    stdout, stderr = os.path.join(logs, "packaging.stdout.log"), os.path.join(logs, "packaging.stderr.log")
    environment = scripts.clean_environment(
        layout,
        BOSH_COMPILE_TARGET=work.source,
        BOSH_INSTALL_TARGET=work.target,
        BOSH_PACKAGE_NAME=work.name,
        BOSH_PACKAGE_VERSION=work.version,
        SOURCE_DATE_EPOCH=str(archives.EPOCH),
    )
    code = guest.scripts.run(Script(["bash", "-x", "packaging"], environment, work.source, stdout, stderr), call)
    if code != 0:
        raise GuestError(
            "compile-failed",
            "Compiling package %s: the packaging script failed." % work.name,
            why="%s%s" % (lifecycle.describe_exit(code), _missing_tool(stderr)),
            fix="Correct the package, or compile on an image that has the tools it needs.",
            output="stdout: %s\nstderr: %s" % (scripts.last_lines(stdout), scripts.last_lines(stderr)),
        )


def _missing_tool(stderr: str) -> str:
    """The shell's own words about a command that this image does not have."""
    missing = [line for line in scripts.last_lines(stderr).splitlines() if line.endswith("command not found")]
    return "; this VM lacks a tool: %s" % missing[-1] if missing else ""
