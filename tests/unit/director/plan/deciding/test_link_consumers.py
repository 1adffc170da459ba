"""Deployments that keep the old content of a link until they are deployed again."""

from dataclasses import replace

import pytest

from cpi.contract.values import VmCid
from director.actions.delete_vm import DeleteVm
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.shared_links import ConsumedLink, DeploymentLinks, SharedLink
from director.model.environments.state import DeploymentState, InstanceRecord
from director.model.ids import ActionId, DeploymentName, GroupName, InstanceId, RunId
from director.model.tasks.plan import Action, Plan
from director.plan.deciding.link_consumers import outdated_consumers
from tests.support import wants

DB = SharedLink(
    alias="db", type="sql", group="db", job="db", networks=("a",), default_network="a", properties={"port": 1}
)
LINKS = DeploymentLinks(shared=(DB,))
STATE = DeploymentState(
    environment=wants.ENVIRONMENT,
    deployment=wants.DEPLOYMENT,
    links=LINKS,
    instances=(
        InstanceRecord(id=InstanceId("1"), group=GroupName("db"), index=0),
        InstanceRecord(id=InstanceId("2"), group=GroupName("web"), index=0),
    ),
)
CONSUMER = DeploymentState(
    environment=wants.ENVIRONMENT,
    deployment=DeploymentName("own"),
    links=DeploymentLinks(consumed=(ConsumedLink(deployment=wants.DEPLOYMENT, alias="db"),)),
)
NOTHING = Plan(run=RunId("r"), environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)


def _deleting(instance: str) -> Plan:
    work = DeleteVm(cloud=ONLY_CLOUD, instance=InstanceId(instance), cid=VmCid("vm"))
    return replace(NOTHING, actions=(Action(id=ActionId("a"), work=work, subject="db/0", reason="", stage=""),))


@pytest.mark.parametrize(
    ("links", "plan", "expected"),
    [
        (LINKS, NOTHING, {}),
        (LINKS, _deleting("1"), {"own": ("db",)}),
        (LINKS, _deleting("2"), {}),
        (DeploymentLinks(), NOTHING, {"own": ("db",)}),
        (DeploymentLinks(shared=(replace(DB, properties={"port": 2}),)), NOTHING, {"own": ("db",)}),
    ],
)
def test_a_consumer_is_outdated_when_what_it_consumes_changes(
    links: DeploymentLinks, plan: Plan, expected: object
) -> None:
    assert outdated_consumers(links, STATE, plan, others=[CONSUMER, STATE]) == expected
