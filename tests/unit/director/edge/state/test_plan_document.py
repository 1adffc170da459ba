"""Plans as they are saved: what instances share stands there once, and reads back shared."""

import json

import pytest

from cpi.contract.values import JsonValue
from director.actions.apply import Apply
from director.actions.start import Start
from director.edge.state import plan_document
from director.model import as_data
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.environments.state import Applied
from director.model.ids import ActionId, DeploymentName, EnvironmentName, InstanceId, RunId
from director.model.releases.release import ReleaseJob
from director.model.secret_ref import Property, SecretRef
from director.model.tasks.plan import Action, Plan


def _plan(count: int) -> Plan:
    """Instances of one group whose job consumes a link to all of them."""
    source = ReleaseJob(name="web", fingerprint="f", where="jobs/web/spec", monit=b"", templates=())
    properties: dict[str, Property] = {"key": SecretRef(name="/k"), "$secret": 1}
    job = Job(name="web", release="r", release_version="1", source=source, properties=properties)
    peers: list[Property] = [{"name": "web", "index": index, "address": f"10.0.0.{index}"} for index in range(count)]
    link: Property = {"instances": peers, "properties": {"port": SecretRef(name="/p")}}
    jobs, links = (job,), {"web": {"peers": link}}
    applies = (
        Action(
            id=ActionId(f"r/apply/{index}"),
            work=Apply(
                instance=InstanceId(f"i-{index}"),
                spec=InstanceSpec(jobs=jobs, spec={"index": index}, links=links),
                applied=Applied(configuration_hash="h"),
            ),
            subject=f"web/{index}",
            reason="new",
        )
        for index in range(count)
    )
    start = Action(id=ActionId("r/start/0"), work=Start(instance=InstanceId("i-0")), subject="web/0", reason="new")
    return Plan(
        run=RunId("r"),
        environment=EnvironmentName("e"),
        deployment=DeploymentName("d"),
        actions=(*applies, start),
        manifest="name: d",
    )


def _saved(plan: Plan) -> JsonValue:
    data: JsonValue = json.loads(json.dumps(plan_document.encode(plan)))
    return data


def test_four_times_the_instances_are_saved_in_four_times_the_bytes() -> None:
    assert len(json.dumps(_saved(_plan(800)))) < 4.5 * len(json.dumps(_saved(_plan(200))))


def test_a_plan_reads_back_as_it_was_and_shares_what_it_shared() -> None:
    plan = _plan(3)
    read = plan_document.decode(_saved(plan))
    assert read == plan
    specs = [action.work.spec for action in read.actions if isinstance(action.work, Apply)]
    assert (len({id(spec.links) for spec in specs}), len({id(spec.jobs) for spec in specs})) == (1, 1)


def test_a_plan_that_an_earlier_version_saved_is_read() -> None:
    plan = _plan(3)
    assert plan_document.decode(json.loads(json.dumps(as_data.encode(plan)))) == plan


@pytest.mark.parametrize("change", [{"shared": {}}, {"shared": []}, {"plan": []}, {"plan": {"actions": {}}}])
def test_a_damaged_plan_is_a_value_error(change: dict[str, JsonValue]) -> None:
    saved = _saved(_plan(2))
    assert isinstance(saved, dict)
    with pytest.raises(ValueError, match=r"no shared part|expected a"):
        plan_document.decode({**saved, **change})
