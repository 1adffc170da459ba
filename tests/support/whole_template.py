"""What is tried of a whole template on every cloud: made, compared, changed in a rule, reached as its rules say.

Takes a Compleat whose environment file is written; `down` is its caller's.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.command import Compleat

TEMPLATE = "templates/examples/web-and-database.json"
UP = ("up", "-n", TEMPLATE)
PATIENCE_S = 600.0
_DISK = "/var/vcap/instance/disks/database-disk"

IsOpen = Callable[[str, int], bool]
"""Whether connections from this machine to a public address and a port get to the VM."""


def changes(compleat: Compleat, *words: str) -> Mapping[str, str]:
    """What-if: each resource that is not as it was deployed, and what becomes of it."""
    rows = _run(compleat, "template", "what-if", TEMPLATE, *words)["changes"]
    return {str(row["name"]): str(row["change"]) for row in rows if row["change"] != "NoChange"}


def run_through(compleat: Compleat, *words: str, is_open: IsOpen) -> Mapping[str, Any]:
    """Deploy it; right after that nothing is left to do. Another port in a rule changes the rule alone, and no VM.

    Gives its outputs.
    """
    outputs: Mapping[str, Any] = _run(compleat, *UP, *words)["outputs"]
    assert outputs["databaseAddress"]["value"] == "10.50.1.10"
    address = str(outputs["webAddress"]["value"])
    assert [is_open(address, port) for port in (80, 443)] == [True, False]
    compleat.run("ssh", "-d", "web-and-database", "database/0", "-c", f"test -e {_DISK}").ended()
    _require_no_changes(compleat, *words)
    plans = _run(compleat, "plan", TEMPLATE, *words)["plans"]
    assert [plan["actions"] for plan in plans] == [[]]
    before = _cids(compleat)
    assert len(before) == 3
    other = (*words, "-p", "webPort=443")
    assert changes(compleat, *other) == {"web-nsg": "Modify"}
    assert _run(compleat, *UP, *other)["outputs"] == outputs
    assert [is_open(address, port) for port in (80, 443)] == [False, True]
    _require_no_changes(compleat, *other)
    assert _cids(compleat) == before
    return outputs


def _require_no_changes(compleat: Compleat, *words: str) -> None:
    rows = _run(compleat, "template", "what-if", TEMPLATE, *words)["changes"]
    changed = [(row["name"], row["change"], row["properties"]) for row in rows if row["change"] != "NoChange"]
    assert changed == [], changed


def _run(compleat: Compleat, *words: str) -> Mapping[str, Any]:
    return compleat.run(*words, "--json", timeout_s=PATIENCE_S).ended().json


def _cids(compleat: Compleat) -> Mapping[str, str]:
    rows = _run(compleat, "instances")["instances"]
    return {str(row["instance"]): str(row["vm_cid"]) for row in rows if row["vm_cid"]}
