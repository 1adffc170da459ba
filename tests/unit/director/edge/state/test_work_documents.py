"""Saved runs and their entries read back."""

import json

import pytest

from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings
from director.actions.await_agent import AwaitAgentResult
from director.actions.create_vm import CreateVmResult
from director.actions.delete_vm import DeleteVm
from director.actions.put_file import PutFile
from director.actions.run_errand import RunErrandResult
from director.actions.start import Start
from director.edge.state import plan_document, work_documents
from director.model import as_data
from director.model.cloud_names import ONLY_CLOUD
from director.model.ids import ActionId, DeploymentName, Digest, EnvironmentName, InstanceId, RunId
from director.model.secret_ref import SecretRef, SecretText
from director.model.tasks import entries, plan
from director.model.tasks.work import CidResult, Result


def _through_json(value: object) -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = json.loads(json.dumps(as_data.encode(value)))
    return data


def test_a_run_reads_back_with_secrets_still_as_names() -> None:
    content = SecretText(parts=("password: ", SecretRef(name="admin", path=("password",))))
    file = PutFile(instance=InstanceId("i-1"), path="/x", content=content)
    actions = (
        plan.Action(id=ActionId("r/1"), work=file, subject="web/0", reason="new"),
        plan.Action(id=ActionId("r/2"), work=Start(instance=InstanceId("i-1")), subject="web/0", reason="new"),
    )
    made = plan.Plan(
        run=RunId("r"), environment=EnvironmentName("local"), deployment=DeploymentName("d"), actions=actions
    )
    run = entries.Run(
        id=RunId("r"),
        environment=EnvironmentName("local"),
        deployment=DeploymentName("d"),
        started_at=1.0,
        plan=made,
    )
    data = _through_json(run)
    assert as_data.decode(entries.Run, {**data, "plan": plan_document.decode(data["plan"])}) == run


def test_an_action_that_no_gate_holds_up_was_saved_with_empty_names() -> None:
    action = plan.Action(id=ActionId("r/2"), work=Start(instance=InstanceId("i-1")), subject="web/0", reason="new")
    assert (action.gate, action.sequence) == (None, None)
    assert work_documents.decode_action({**_through_json(action), "gate": "", "sequence": "", "pool": ""}) == action


@pytest.mark.parametrize(
    "entry",
    [
        entries.Begun(action=ActionId("r/1"), at=1.5, member="compiler-1"),
        entries.Done(action=ActionId("r/1"), at=2.0, kind="delete_vm", result=CidResult(cid="vm-1")),
        entries.Failed(action=ActionId("r/1"), at=2.0, failure=entries.Failure(code="x", what="y", retry="unknown")),
    ],
)
def test_each_kind_of_entry_reads_back_as_itself(entry: entries.Entry) -> None:
    assert work_documents.decode_entry(entry.type, _through_json(entry)) == entry


@pytest.mark.parametrize(
    ("action", "facts", "result"),
    [
        (
            "r1/create_vm/web-0",
            {"cid": "vm-1", "networks": [{"name": "n", "kind": "manual", "ip": "10.0.0.2"}], "host_key": "k"},
            CreateVmResult(
                cid="vm-1",
                networks=(NetworkSettings(name="n", kind=NetworkKind.MANUAL, ip="10.0.0.2"),),
                host_key="k",
            ),
        ),
        (
            "r1/await_agent/web-0",
            {"cid": "vm-1", "host_key": "ssh-ed25519 k"},
            AwaitAgentResult(cid="vm-1", identity="ssh-ed25519 k"),
        ),
        ("r1/apply/web-0", {"configuration_hash": "abc"}, Result()),
        ("r1/delete_vm/web-0", {"cid": ""}, CidResult(cid="")),
        (
            "r1/run_errand/web-0/smoke",
            {"exit_code": 3, "stdout": "a", "stderr": "", "stdout_blob": "sha256:1", "stdout_left_out": 5},
            RunErrandResult(exit_code=3, stdout="a", stdout_blob=Digest("sha256:1"), stdout_left_out=5),
        ),
    ],
)
def test_an_entry_of_the_version_before_is_read(action: str, facts: JsonValue, result: Result) -> None:
    old: dict[str, JsonValue] = {"action": action, "at": 2.0, "outcome": {"facts": facts}, "type": "done"}
    read = work_documents.decode_entry("done", old)
    assert isinstance(read, entries.Done)
    assert (read.kind, read.result) == (action.split("/")[1], result)


def test_what_an_entry_of_the_version_before_says_of_no_compile_vm_is_none() -> None:
    work: JsonValue = {"kind": "delete_vm", "instance": "i", "compiler": "", "cloud": ""}
    action: dict[str, JsonValue] = {"id": "r/delete_vm/x", "work": work, "subject": "x", "reason": "", "pool": ""}
    assert work_documents.decode_action(action) == plan.Action(
        id=ActionId("r/delete_vm/x"),
        work=DeleteVm(cloud=ONLY_CLOUD, instance=InstanceId("i")),
        subject="x",
        reason="",
    )
    begun: dict[str, JsonValue] = {"action": "r/1", "at": 1.5, "member": "", "type": "begun"}
    assert work_documents.decode_entry("begun", begun) == entries.Begun(action=ActionId("r/1"), at=1.5)


def test_an_agents_host_key_of_the_version_before_is_what_its_address_pins() -> None:
    result: JsonValue = {"cid": "vm-1", "host_key": "ssh-ed25519 k"}
    old: dict[str, JsonValue] = {"action": "r1/await_agent/web-0", "at": 2.0, "kind": "await_agent", "result": result}
    read = work_documents.decode_entry("done", {**old, "type": "done"})
    assert isinstance(read, entries.Done)
    assert read.result == AwaitAgentResult(cid="vm-1", identity="ssh-ed25519 k")


def test_a_disk_action_of_the_version_before_belongs_to_the_only_cloud() -> None:
    work: dict[str, JsonValue] = {"kind": "attach_disk", "instance": "i", "is_old": False}
    for former in (work, {**work, "cloud": ""}):
        action: dict[str, JsonValue] = {"id": "r/attach_disk/x", "work": former, "subject": "x", "reason": ""}
        assert work_documents.decode_action(action).work.pace_family == f"{ONLY_CLOUD}/attach"


@pytest.mark.parametrize(
    "data",
    [
        {"action": "r/dance/x", "at": 1.0, "outcome": {"facts": {}}, "type": "done"},
        {"action": "x", "at": 1.0, "outcome": {"facts": {}}, "type": "done"},
        {"action": "r/start/x", "at": 1.0, "outcome": 3, "type": "done"},
        {"action": "r/start/x", "at": 1.0, "kind": "dance", "result": {}, "type": "done"},
        {"action": "r/start/x", "at": 1.0, "kind": ["start"], "result": {}, "type": "done"},
        {"action": "r/start/x", "at": 1.0, "kind": {"start": 1}, "result": {}, "type": "done"},
        {"action": "r/create_vm/x", "at": 1.0, "kind": "create_vm", "result": {"networks": []}, "type": "done"},
        {"action": "r/delete_vm/x", "at": 1.0, "kind": "delete_vm", "result": {"cid": 3}, "type": "done"},
    ],
)
def test_an_entry_that_does_not_fit_is_refused(data: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match=r"there is no action|expected|lacks"):
        work_documents.decode_entry("done", data)
