"""A template on the local cloud: deployed, compared, changed, and taken down with the proof that nothing is left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import local_inventory
from tests.support.command import Compleat
from tests.support.environments import local_compleat

pytestmark = pytest.mark.slow

_TEMPLATE = "templates/examples/small-vm.json"
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzJbDqLpKkPqg4u0Yl3n9RrJ9h2m5uFvT1cXb7wEa8d me@example.org"
_ACCOUNT = ("-p", f"key={_KEY}")


@pytest.fixture
def compleat(tmp_path: Path) -> Iterator[Compleat]:
    one = local_compleat(tmp_path / "home", "templated", is_warm=True)
    yield one
    one.run("down", "-n")


def _changes(compleat: Compleat, *words: str) -> dict[str, object]:
    rows = compleat.run("template", "what-if", _TEMPLATE, *words, "--json").ended().json["changes"]
    assert isinstance(rows, list)
    return {str(row["name"]): row for row in rows if isinstance(row, dict) and row["change"] != "NoChange"}


def _outputs(compleat: Compleat, *words: str) -> dict[str, object]:
    found = compleat.run("up", "-n", _TEMPLATE, *words, "--json").ended().json["outputs"]
    assert isinstance(found, dict)
    return {name: one["value"] for name, one in found.items() if isinstance(one, dict)}


def test_a_template_is_deployed_compared_changed_and_taken_down(compleat: Compleat) -> None:
    assert {row["change"] for row in _changes(compleat, *_ACCOUNT).values()} == {"Create"}  # type: ignore[index]
    outputs = _outputs(compleat, *_ACCOUNT)
    assert outputs["privateAddress"] == "10.40.0.10"
    assert str(outputs["publicAddress"]).startswith("203.0.113.")
    who = compleat.run(
        "ssh", "-d", "small-vm", "web/0", "-c", "id -un owner; cat /etc/hello /home/owner/.ssh/authorized_keys"
    )
    assert who.ended().out.split("\n")[:3] == ["owner", "hello from web", _KEY]

    assert _changes(compleat, *_ACCOUNT) == {}
    plans = compleat.run("plan", _TEMPLATE, *_ACCOUNT, "--json").ended().json["plans"]
    assert isinstance(plans, list)
    assert [plan["actions"] for plan in plans if isinstance(plan, dict)] == [[]]

    changed = (*_ACCOUNT, "-p", "dataDiskGB=2")
    (row,) = _changes(compleat, *changed).values()
    assert isinstance(row, dict)
    assert row["change"] == "Modify"
    path = "properties.storageProfile.dataDisks[0].diskSizeGB"
    assert row["delta"] == [{"path": path, "before": 1, "after": 2}]
    assert _outputs(compleat, *changed) == outputs
    assert _changes(compleat, *changed) == {}

    report = compleat.run("down", "-n", "--json").ended().json
    assert [report["left"], report["missing"]] == [[], []]
    left = local_inventory.take(compleat)
    assert not (left.vms or left.disks or left.landing or left.stemcells)
