"""An app beside the platform that sends requests to its services all the time, for what a change of it costs them.

Takes a Compleat whose platform is up, gives what became of the requests.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import platform_load
from tests.support.command import Compleat

_RELEASE = Path(__file__).parents[2] / "manifests" / "platform" / "release"
_SETTINGS = "/var/vcap/jobs/smoke-tests/config/smoke-tests.json"
_LIBRARIES = "/var/vcap/packages/python-libraries/site"
_START = (
    f"cd /; PYTHONPATH={_LIBRARIES} PYTHONDONTWRITEBYTECODE=1 setsid python3 -s /tmp/load.py {_SETTINGS} "
    ">/tmp/load.json 2>/tmp/load.err </dev/null & echo $! >/tmp/load.pid"
)
_STOP = (
    "kill -TERM $(cat /tmp/load.pid); for _ in $(seq 200); do [ -s /tmp/load.json ] && break; sleep 0.1; done; "
    "cat /tmp/load.err >&2; cat /tmp/load.json"
)


@dataclass(slots=True)
class Load:
    """`tallies` has the counts of each service after the end."""

    tallies: dict[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> Mapping[str, int]:
        """One count by service."""
        return {service: tally[name] for service, tally in self.tallies.items()}

    def lines(self) -> Iterator[str]:
        """A line for each service, for people."""
        for service, each in self.tallies.items():
            yield (
                f"{service:<16}{each['requests']:>7} requests, {each['failed']} failed, {each['again']} attempts "
                f"repeated ({each['refused']} refused logins), the longest took {each['longest_s']:.2f} s"
            )


@contextmanager
def loaded(compleat: Compleat, folder: Path) -> Iterator[Load]:
    """Requests from the deployment `load` while the body runs; the deployment is deleted afterwards."""
    manifest = folder / "load.yml"
    manifest.write_text(json.dumps(_manifest()))
    load = Load()
    try:
        compleat.run("deploy", str(manifest), "-n").ended()
        compleat.run("scp", "-d", "load", platform_load.__file__, "load/0:/tmp/load.py").ended()
        compleat.run("ssh", "-d", "load", "load/0", "-c", _START).ended()
        time.sleep(1.0)
        yield load
        time.sleep(1.0)
        load.tallies = json.loads(compleat.run("ssh", "-d", "load", "load/0", "-c", _STOP).ended().out)
    finally:
        compleat.run("delete-deployment", "-d", "load", "-n")  # without its outcome: what failed before matters more


def _manifest() -> Mapping[str, Any]:
    """smoke-tests as a service: its file has what the links of the platform give, and nothing of it runs."""
    consumed = {name: {"from": name, "deployment": "platform"} for name in ("postgres", "redis", "nats", "console")}
    watched = ("canary_watch_time", "update_watch_time")
    return {
        "name": "load",
        "stemcells": [{"alias": "default", "os": "linux", "version": "latest"}],
        "releases": [{"name": "platform", "version": "create", "url": f"file://{_RELEASE}"}],
        "update": {"canaries": 1, "max_in_flight": 1, **dict.fromkeys(watched, "100-60000")},
        "instance_groups": [
            {
                "name": "load",
                "instances": 1,
                "azs": ["z1"],
                "stemcell": "default",
                "vm_type": "default",
                "networks": [{"name": "default"}],
                "jobs": [{"name": "smoke-tests", "release": "platform", "consumes": consumed}],
            }
        ],
    }
