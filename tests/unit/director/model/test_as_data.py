"""Values into JSON and back."""

import json

import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue, NetworkKind, NetworkSettings, StemcellCid, VmCid
from director.model import as_data
from director.model.environments import state
from director.model.ids import ActionId, DeploymentName, EnvironmentName, GroupName, InstanceId


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


def test_the_environment_itself_is_an_empty_name_in_json_and_reads_back_as_what_it_is() -> None:
    owned = state.DeploymentState(environment=EnvironmentName("local"), deployment=ENVIRONMENT_ITSELF)
    written = _through_json(owned)
    assert isinstance(written, dict)
    assert written["deployment"] == ""
    assert as_data.decode(state.DeploymentState, written).deployment is ENVIRONMENT_ITSELF


def test_bytes_are_written_as_their_digest() -> None:
    assert as_data.encode(b"text") == "sha256:982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"


@pytest.mark.parametrize(
    "data",
    [
        {"name": "web", "ip": "10.0.0.5", "kind": "tunnel"},
        {"name": "web", "ip": "10.0.0.5", "kind": "manual", "colour": "red"},
    ],
)
def test_what_a_newer_version_added_is_told_from_what_is_damaged(data: JsonValue) -> None:
    with pytest.raises(as_data.UnknownPartError):
        as_data.decode(NetworkSettings, data)
    with pytest.raises(ValueError, match="expected") as caught:
        as_data.decode(NetworkSettings, {"name": 5, "ip": "10.0.0.5", "kind": "manual"})
    assert not isinstance(caught.value, as_data.UnknownPartError)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(as_data.UnknownPartError, match="DeploymentState has no 'colour'"):
        as_data.decode(state.DeploymentState, {"environment": "e", "deployment": "d", "colour": "red"})
