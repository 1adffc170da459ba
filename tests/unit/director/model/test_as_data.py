"""Values into JSON and back."""

import json

import pytest

from cpi.values import JsonValue, NetworkKind, NetworkSettings, StemcellCid, VmCid
from director.model import as_data, entries, plan, state, work
from director.model.ids import ActionId, DeploymentName, EnvironmentName, GroupName, InstanceId, RunId
from director.model.secret_ref import SecretRef, SecretText


def _through_json(value: object) -> JsonValue:
    data: JsonValue = json.loads(json.dumps(as_data.encode(value)))
    return data


def _state() -> state.DeploymentState:
    network = NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.5", defaults=("dns", "gateway"))
    vm = state.VmRecord(
        cid=VmCid("vm-1"),
        action=ActionId("r/create_vm/web"),
        stemcell_cid=StemcellCid("s-1"),
        networks=(network,),
        cloud_properties={"$secret": ["looks", "like", "a tag"], "nested": [1, {"deep": None}]},
    )
    record = state.InstanceRecord(
        id=InstanceId("i-1"), group=GroupName("web"), index=0, vm=vm, addresses={"default": "10.0.0.5"}
    )
    return state.DeploymentState(
        environment=EnvironmentName("local"), deployment=DeploymentName("d"), instances=(record,)
    )


def test_a_state_reads_back_as_it_was_even_with_keys_that_look_like_our_tags() -> None:
    assert as_data.decode(state.DeploymentState, _through_json(_state())) == _state()


def test_a_run_reads_back_with_secrets_still_as_names() -> None:
    content = SecretText(parts=("password: ", SecretRef(name="admin", path=("password",))))
    file = work.PutFile(instance=InstanceId("i-1"), path="/x", content=content)
    actions = (
        plan.Action(id=ActionId("r/1"), work=file, subject="web/0", reason="new"),
        plan.Action(id=ActionId("r/2"), work=work.Start(instance=InstanceId("i-1")), subject="web/0", reason="new"),
    )
    made = plan.Plan(
        run=RunId("r"), environment=EnvironmentName("local"), deployment=DeploymentName("d"), actions=actions
    )
    run = entries.Run(
        id=RunId("r"),
        environment=EnvironmentName("local"),
        deployment=DeploymentName("d"),
        command="deploy",
        who="me@here 1",
        started_at=1.0,
        plan=made,
    )
    assert as_data.decode(entries.Run, _through_json(run)) == run


@pytest.mark.parametrize(
    "entry",
    [
        entries.Begun(action=ActionId("r/1"), at=1.5, member="compiler-1"),
        entries.Done(action=ActionId("r/1"), at=2.0, outcome=entries.Outcome(facts={"cid": "vm-1"})),
        entries.Failed(action=ActionId("r/1"), at=2.0, failure=entries.Failure(code="x", what="y", retry="unknown")),
    ],
)
def test_each_kind_of_entry_reads_back_as_itself(entry: entries.Entry) -> None:
    assert as_data.decode(type(entry), _through_json(entry)) == entry


def test_bytes_are_written_as_their_digest() -> None:
    assert as_data.encode(b"text") == "sha256:982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="DeploymentState has no 'colour'"):
        as_data.decode(state.DeploymentState, {"environment": "e", "deployment": "d", "colour": "red"})
