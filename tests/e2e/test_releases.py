"""A release as public ones are: blobs in a bucket, jobs run by bpm and by scripts; deployed, drained, healed."""

import gzip
import hashlib
import io
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e import story as stories
from tests.support import object_server
from tests.support.command import ROOT, Compleat, Ran
from tests.support.object_server import ObjectServer

pytestmark = [pytest.mark.slow, pytest.mark.needs("ruby"), pytest.mark.timeout(1200)]

RELEASE = ROOT / "tests/cases/bpm-release"
DUAL_STACK = str(ROOT / "tests/cases/dual-stack/manifest.yml")
_SIX = """networks:
- name: six
  type: manual
  managed: true
  subnets:
  - {name: six, range: "fd00:6::/64", gateway: "fd00:6::1", azs: [z1]}
"""
SERVER = """#!/usr/bin/env python3
import http.server, os, sys
with open("/var/vcap/store/queue/story", "a") as story:
    print("started as", os.getuid() == os.stat("/var/vcap/jobs/queue").st_gid, file=story)
print(os.environ["GREETING"], len(open("/proc/self/mounts").readlines()) > 10, os.listdir("/var/vcap/jobs"), flush=True)
http.server.HTTPServer(("", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The deployment, whose release's blob is at `objects` once it is kept there."""

    compleat: Compleat
    release: Path
    objects: ObjectServer

    def run(self, command: str, greeting: str) -> Ran:
        """plan or deploy."""
        values = ("-v", f"release={self.release}", "-v", f"greeting={greeting}")
        return self.compleat.run(command, str(ROOT / "tests/cases/bpm-release.yml"), "-n", *values, timeout_s=600)

    def shell(self, command: str) -> str:
        """What a command on the instance prints."""
        return self.compleat.run("ssh", "-d", "queue", "queue/0", "-c", command).ended().out.strip()

    def story(self) -> list[str]:
        """What the scripts and the process noted on the disk."""
        return self.shell("cat /var/vcap/store/queue/story").splitlines()

    def awaited(self, *last: str) -> list[str]:
        """The story, once it ends so: a process may take a moment to begin."""
        deadline = time.monotonic() + 60
        while self.story()[-len(last) :] != list(last):
            assert time.monotonic() < deadline, self.story()
        return self.story()

    def pid(self) -> str:
        """The pid in the file that monit watches, if that process lives."""
        return self.shell("/var/vcap/jobs/bpm/bin/bpm pid queue || true")


@pytest.fixture(scope="module", name="queue")
def _queue(new_compleat: Callable[[], Compleat], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queue]:
    folder = tmp_path_factory.mktemp("releases")
    release = shutil.copytree(RELEASE, folder / "queue-release")
    compleat = new_compleat()
    try:
        stories.prepare(compleat, folder, jumpbox="private")
        with object_server.serving() as objects:
            private = f"blobstore: {{options: {{host: 127.0.0.1, port: {objects.port}, use_ssl: false}}}}\n"
            (release / "config/private.yml").write_text(private)
            archive = _archive()
            digest = hashlib.sha1(archive).hexdigest()
            pin = f"queue/queue-1.0.tgz: {{size: {len(archive)}, object_id: 5f2e-77, sha: {digest}}}\n"
            (release / "config/blobs.yml").write_text(pin)
            yield Queue(compleat=compleat, release=release, objects=objects)
    finally:
        compleat.take_down()


def _archive() -> bytes:
    content = SERVER.encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo("bin/queue")
        info.size, info.mode = len(content), 0o755
        archive.addfile(info, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def test_a_release_of_a_bucket_is_deployed_with_bpm_updated_drained_and_healed(queue: Queue) -> None:
    refused = queue.run("plan", "one").ended(3)
    assert f"http://127.0.0.1:{queue.objects.port}/releases/queue/5f2e-77 answered 404 Not Found" in refused.err
    assert "config/blobs.yml:1:1" in refused.err
    queue.objects.keep("/releases/queue/5f2e-77", _archive())
    planned = queue.run("plan", "one").ended()
    assert "(bpm-provided)" in planned.out + planned.err
    assert "bpm limits memory of job 'queue' by control groups" in planned.out + planned.err
    queue.run("deploy", "one").ended()
    assert queue.awaited("started as True") == ["prepared one", "started as True"]
    assert queue.shell("cat /var/vcap/sys/log/queue/queue.stdout.log") == "one True ['queue']"
    assert queue.shell("cat /var/vcap/data/front/page") == "one of 1"
    first = queue.pid()
    queue.run("deploy", "two").ended()
    queue.awaited("drained while running", "prepared two", "started as True")
    assert first != queue.pid()
    _check_healing(queue)
    queue.compleat.run("recreate", "queue/0", "-d", "queue", "-n", timeout_s=600).ended()
    assert queue.awaited("drained while running", "prepared two", "started as True")[0] == "prepared one"
    assert queue.shell("/var/vcap/bosh/bin/monit summary").count("running") == 4


def _check_healing(queue: Queue) -> None:
    before = queue.pid()
    queue.shell(f"kill -9 {before}")
    deadline = time.monotonic() + 60
    while queue.pid() in ("", before):
        assert time.monotonic() < deadline, queue.shell("cat /var/vcap/sys/log/queue/bpm.log")
    queue.awaited("prepared two", "started as True")


def test_jobs_reach_each_other_over_ipv6_by_dns(queue: Queue) -> None:
    run = queue.compleat.run
    config = queue.compleat.home / "environments" / "cloud-config.yml"
    config.write_text(config.read_text().replace("networks:\n", _SIX))
    run("deploy", "-n", DUAL_STACK).ended()
    (row,) = run("instances", "-d", "dual-stack", "--json").ended().json["instances"]
    errand = run("run-errand", "-n", "-d", "dual-stack", "ask").ended().out.splitlines()[-1]
    assert errand.split() == ["|", "q-s0.echo.six.dual-stack.bosh", row["ips"][1], "fd00:6::3"]
    run("delete-deployment", "-n", "-d", "dual-stack").ended()
