"""Packages compiled once a run, and machines that have them."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue
from tests.integration.platform import certificates, installing, machine, pinned_blobs, starting

_RELEASE = Path(__file__).parents[3] / "manifests" / "platform" / "release"
_PACKAGES = ("postgres", "redis", "nats", "python-libraries", "console", "smoke-tests")

MakeMachine = Callable[..., machine.Machine]


@pytest.fixture(autouse=True, scope="session")
def _needs_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: machines with real users, and one that an ordinary user starts")


@pytest.fixture(scope="session")
def compiled_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A /var/vcap with every package compiled."""
    root = machine.open_to_all(tmp_path_factory.mktemp("compiled"))
    blobs = pinned_blobs.fetch_blobs(_RELEASE)
    compiler = machine.start_machine(root)
    try:
        for package in _PACKAGES:
            installing.compile_package(compiler, _RELEASE, package, blobs=blobs)
    finally:
        compiler.power_off()
    shutil.rmtree(root / "data" / "compile")
    return root


@pytest.fixture(scope="session")
def certificate() -> certificates.Certificate:
    """The console's certificate."""
    return certificates.make_certificate()


@pytest.fixture(scope="session")
def running_platform(
    compiled_root: Path, certificate: certificates.Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[machine.Machine]:
    """One machine with all jobs started, for tests that leave it as it is."""
    booted = _prepare(compiled_root, machine.open_to_all(tmp_path_factory.mktemp("running")), certificate)
    try:
        starting.start_jobs(booted)
        yield booted
    finally:
        booted.power_off()
    shutil.rmtree(booted.root)


@pytest.fixture
def make_platform(
    compiled_root: Path, certificate: certificates.Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeMachine]:
    """Boot a machine with the packages and all jobs; `root` boots an old one again."""
    running: list[machine.Machine] = []

    def boot(*, one_id: bool = False, root: Path | None = None) -> machine.Machine:
        if root is None:
            place = machine.open_to_all(tmp_path_factory.mktemp("vcap"))
            running.append(_prepare(compiled_root, place, certificate, one_id=one_id))
        else:
            running.append(machine.start_machine(root, one_id=one_id))
        return running[-1]

    yield boot
    for booted in running:
        booted.power_off()
    for root in {booted.root for booted in running}:
        shutil.rmtree(root)


def _prepare(
    compiled: Path, place: Path, certificate: certificates.Certificate, *, one_id: bool = False
) -> machine.Machine:
    # Nothing writes below packages, so all machines share the files.
    shutil.copytree(compiled / "data/packages", place / "data/packages", symlinks=True, copy_function=os.link)
    shutil.copytree(compiled / "packages", place / "packages", symlinks=True)
    booted = machine.start_machine(place, one_id=one_id)
    _install(booted, certificate)
    return booted


def _install(booted: machine.Machine, certificate: certificates.Certificate) -> None:
    postgres: dict[str, JsonValue] = {
        "port": 5432,
        "database": "platform",
        "user": "platform",
        "password": 'it\'s "quoted" $1 \\ %',
    }
    redis: dict[str, JsonValue] = {"port": 6379, "password": 'r3d"is\\ pass$word'}
    nats: dict[str, JsonValue] = {"port": 4222, "user": "nats", "password": 'n4ts"is\\ pass$word'}
    console: dict[str, JsonValue] = {"admin_user": "admin", "admin_password": "open-sesame", "session_key": "k" * 40}
    tls: dict[str, JsonValue] = {
        "certificate": certificate.certificate,
        "private_key": certificate.private_key,
        "ca": certificate.ca,
    }
    links: dict[str, JsonValue] = {
        "postgres": installing.make_link(postgres),
        "redis": installing.make_link(redis),
        "nats": installing.make_link(nats),
        "console": installing.make_link({**console, "tls": {"ca": certificate.ca}, "port": 8443}),
    }
    wanted: dict[str, dict[str, JsonValue]] = {
        "postgres": postgres,
        "redis": redis,
        "nats": nats,
        "console": {**console, "tls": tls},
        "smoke-tests": {},
    }
    for job, properties in wanted.items():
        installing.install_job(booted, _RELEASE, job, properties=properties, links=links)
    if booted.one_id:
        machine.give_away(booted.root)
