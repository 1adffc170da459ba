"""PostgreSQL, Redis, nginx and settings of the OS from releases as their authors publish them, sources by name.

Three deployments in parallel in one environment: deployed, updated, healed, recreated with their disks, deleted.
`original` has the templates and packaging scripts of the public releases, where an environment
variable names their repositories; `own` has releases of our own with the same jobs and properties, everywhere.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from tests.e2e import story as stories
from tests.support import public_releases
from tests.support.command import Compleat, Ran

pytestmark = [pytest.mark.slow, pytest.mark.needs("ruby", "apt", "gcc"), pytest.mark.timeout(1800)]

_KINDS = {"own": public_releases.lay_own, "original": public_releases.lay_original}
_CLI = "/var/vcap/packages/redis-4/bin/redis-cli"
_REDIS = (
    f"{_CLI} --no-auth-warning -a $(awk '$1 == \"requirepass\" {{print $2}}' /var/vcap/jobs/redis/config/redis.conf)"
)
_MASTER = f"{_REDIS} -h $({_CLI} -p 26379 sentinel get-master-addr-by-name mymaster | head -n 1)"
_PSQL = "/var/vcap/packages/postgres-18/bin/psql -U vcap -d sandbox -qtA"
_WITH_BPM, _WITHOUT = "/var/vcap/jobs/bpm/bin/bpm pid {0}", "cat /var/vcap/sys/run/{0}/{0}.pid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A job, and the commands on its deployment's first instance that write a word, read it, and print `size`."""

    deployment: str
    write: str
    read: str
    size: str
    pid: str

    @property
    def instance(self) -> str:
        """The one that the commands run on."""
        return f"{self.deployment}/0"


SERVICES = (
    Service(
        deployment="redis",
        write=f"{_REDIS} set word kept",
        read=f"{_REDIS} get word",
        size=f"{_REDIS} config get maxclients | tail -n 1",
        pid=_WITH_BPM.format("redis"),
    ),
    Service(
        deployment="redis",
        write=f"{_MASTER} set found kept",
        read=f"{_MASTER} get found",
        size=f"awk '/open files/ {{print $4 / 1.25}}' /proc/$({_WITH_BPM.format('redis-sentinel')})/limits",
        pid=_WITH_BPM.format("redis-sentinel"),
    ),
    Service(
        deployment="postgres",
        write=f"su - vcap -c \"{_PSQL} -c 'create table if not exists kept ()'\"",
        read=f"su - vcap -c \"{_PSQL} -c 'select max(tablename) from pg_tables where schemaname = current_schema'\"",
        size=f"su - vcap -c \"{_PSQL} -c 'show max_connections'\"",
        pid=_WITHOUT.format("postgres"),
    ),
    Service(
        deployment="nginx",
        write="echo kept >/var/vcap/store/nginx/word",
        read="exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET /word HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3",
        size="exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET /size HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3",
        pid=_WITHOUT.format("nginx"),
    ),
)
DEPLOYMENTS = tuple(dict.fromkeys(service.deployment for service in SERVICES))
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The environment, and the releases that the manifests name."""

    compleat: Compleat
    releases: Path

    def run(self, command: str, name: str, size: int) -> Ran:
        """plan or deploy."""
        manifest = str(public_releases.CASES / f"{name}.yml")
        values = ("-v", f"releases={self.releases}", "-v", f"size={size}")
        return self.compleat.run(command, manifest, "-n", *values, timeout_s=900)

    def deploy(self, size: int) -> None:
        """All of them in parallel."""
        _in_parallel(lambda name: self.run("deploy", name, size).ended(), DEPLOYMENTS)

    def shell(self, instance: str, command: str) -> str:
        """What a command on an instance prints."""
        name = instance.partition("/")[0]
        return self.compleat.run("ssh", "-d", name, instance, "-c", f"bash -c {_quoted(command)}").ended().out.strip()

    def awaits(self, instance: str, command: str, wanted: Callable[[str], bool]) -> None:
        """Until the command prints what is wanted: a process may take a moment."""
        deadline = time.monotonic() + 120
        while not wanted(seen := self.shell(instance, f"{command} || true")):
            assert time.monotonic() < deadline, (instance, command, seen)


def _in_parallel(act: Callable[[_One], object], these: Sequence[_One]) -> None:
    with ThreadPoolExecutor(len(these)) as pool:
        list(pool.map(act, these))


def _quoted(command: str) -> str:
    return "'" + command.replace("'", "'\\''") + "'"


@pytest.fixture(scope="module", params=tuple(_KINDS), name="site")
def _site(request: pytest.FixtureRequest, new_compleat: Callable[[], Compleat]) -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            releases = _KINDS[request.param](folder / "releases", folder / "sources")
        except FileNotFoundError as absent:
            pytest.skip(f"no folder of the original releases is named: {absent}")
        compleat = new_compleat()
        try:
            stories.prepare(compleat, folder)
            site = Site(compleat=compleat, releases=releases)
            site.deploy(100)
            yield site
        finally:
            compleat.take_down()


def test_jobs_that_set_the_os_up_do_so(site: Site) -> None:
    shown = site.shell(
        "nginx/0",
        "cat /etc/issue.net; id -nG alice; getent passwd bob | cut -d: -f7; id -nG bob;"
        " cat ~alice/.ssh/authorized_keys;"
        " ls /etc/ssl/certs | grep -c bosh_os_conf_ca_cert; tail -n 1 /etc/security/limits.d/61-bosh-os-conf.conf;"
        " tail -n 1 /etc/sysctl.d/71-bosh-os-conf-sysctl.conf; ls /var/vcap/sys/run/iptables",
    )
    banner, alice, shell, bob, key, certificates, limits, kernel, iptables = filter(None, shown.splitlines())
    assert {"vcap", "admin", "bosh_sudoers", "bosh_sshers"} <= set(alice.split())
    assert (set(bob.split()) & {"bosh_sudoers", "bosh_sshers"}, shell) == ({"bosh_sshers"}, "/bin/sh")
    assert (banner, key, limits) == ("Keep out", "ssh-ed25519 AAAA alice", "vcap soft nofile 16384")
    assert (int(certificates) > 0, kernel, iptables) == (True, "net.core.somaxconn=1024", "iptables.check")


def test_services_are_updated_healed_and_recreated_with_their_data(site: Site) -> None:
    for service in SERVICES:
        site.shell(service.instance, service.write)
    for name in DEPLOYMENTS:
        assert "nothing to change" in site.run("plan", name, 100).ended().out
    site.awaits("redis/1", SERVICES[0].read, lambda seen: seen == "kept")
    site.deploy(200)
    assert "drained 100\nanswered 200" in site.shell("nginx/0", "cat /var/vcap/store/nginx/story")
    _in_parallel(lambda service: _check(site, service), SERVICES)
    _in_parallel(lambda service: _heal(site, service), SERVICES)
    _in_parallel(lambda name: site.compleat.run("recreate", f"{name}/0", "-d", name, "-n").ended(), DEPLOYMENTS)
    _in_parallel(lambda service: _check(site, service), SERVICES)


def test_deleted_deployments_are_gone(site: Site) -> None:
    _in_parallel(lambda name: site.compleat.run("delete-deployment", "-d", name, "-n").ended(), DEPLOYMENTS)
    left = site.compleat.run("instances", "--json").ended().json["instances"]
    assert {row["deployment"] for row in left} == {"jumpbox"}


def _check(site: Site, service: Service) -> None:
    site.awaits(service.instance, service.size, lambda seen: seen == "200")
    site.awaits(service.instance, service.read, lambda seen: seen == "kept")  # one may read what another serves


def _heal(site: Site, service: Service) -> None:
    before = site.shell(service.instance, f"{service.pid} | head -n 1")
    site.shell(service.instance, f"kill -9 {before} $(pgrep -P {before})")  # nginx' workers would keep its ports
    site.awaits(service.instance, service.pid, lambda seen: seen.split()[:1] not in ([], [before]))
    _check(site, service)
