"""Another way to reach agents joins by its address and its adapter; rooms that plan, look and execute stay as they are.

The transport of this test has an address of its own, which tests/ alone knows: plans are made and carried out over it.
"""

from dataclasses import dataclass, field, replace
from typing import Literal, cast

from cpi.contract.values import Endpoint, VmCid
from director.model.agents.agent_address import AgentAddress, AgentTarget, SshAddress
from director.model.environments.desired import Desired
from director.model.environments.state import InstanceRecord
from director.ports.agent import Agent
from tests.support import flow, wants
from tests.support.deaths import Deaths
from tests.support.memory_agents import MemoryAgents
from tests.support.routing_agent import RoutingAgent
from tests.support.simulation import Simulation
from tests.support.worlds import PlainWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxAddress:
    """An agent that takes its requests from a mailbox; it has neither host nor port."""

    mailbox: str
    identity: str | None = None
    kind: Literal["mailbox"] = "mailbox"

    def at(self, endpoint: Endpoint) -> "MailboxAddress":
        return self

    def pinned(self, identity: str) -> "MailboxAddress":
        return replace(self, identity=identity)


class MailboxAgents(MemoryAgents):
    """The agents of the same VMs, found by their mailboxes, which are named after the VM."""

    def cid_of(self, target: AgentTarget) -> VmCid | None:
        cid = VmCid(_mailbox(target).mailbox)
        return cid if cid in self.disk.machines else None

    def identity_of(self, target: AgentTarget) -> str | None:
        return _mailbox(target).identity


@dataclass(slots=True, kw_only=True)
class TwoTransports(Simulation):
    """A simulation whose agents are reached by SSH or through their mailbox, as the record of each VM says."""

    asked: list[str] = field(default_factory=list)
    """Kind of address and VM of every call."""

    def process(self, deaths: Deaths | None = None) -> PlainWorld:
        mailboxes = MailboxAgents(self.cloud, self.agents.blobs, self.time, self.agents.conditions)
        mailboxes.disk = self.agents.disk

        def choose(target: AgentTarget) -> Agent:
            self.asked.append(f"{target.address.kind} {target.name}")
            return self.agents if isinstance(target.address, SshAddress) else mailboxes

        return replace(Simulation.process(self, deaths), agent=RoutingAgent(choose))

    def move_to_mailboxes(self) -> None:
        """From now on the records say that the agents are reached through mailboxes."""
        key = (wants.ENVIRONMENT, wants.DEPLOYMENT)
        state = self.store.deployments[key]
        self.store.deployments[key] = replace(state, instances=tuple(map(_moved, state.instances)))


def _mailbox(target: AgentTarget) -> MailboxAddress:
    address = cast(object, target.address)
    assert isinstance(address, MailboxAddress)
    return address


def _moved(record: InstanceRecord) -> InstanceRecord:
    assert record.vm is not None
    address = cast(AgentAddress, MailboxAddress(mailbox=record.vm.cid))
    return replace(record, vm=replace(record.vm, agent=address))


def _with_another_property(wanted: Desired) -> Desired:
    groups = tuple(
        replace(group, jobs=tuple(replace(job, properties={**job.properties, "new": 1}) for job in group.jobs))
        for group in wanted.groups
    )
    return replace(wanted, groups=groups)


def test_a_deployment_is_looked_at_updated_and_torn_down_over_a_transport_that_only_its_records_name() -> None:
    simulation = TwoTransports()
    first = flow.deploying(wants.small())(simulation, Deaths())
    simulation.move_to_mailboxes()
    simulation.asked.clear()
    assert flow.deploying(wants.small())(simulation, Deaths()) is None
    updated = flow.deploying(_with_another_property(wants.small()))(simulation, Deaths())
    names = {record.name for record in simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT].instances}
    torn = flow.tearing_down()(simulation, Deaths())
    assert [result and result.failures for result in (first, updated, torn)] == [{}, {}, {}]
    assert {kind for kind, _ in map(str.split, simulation.asked)} == {"mailbox"}
    assert {name for _, name in map(str.split, simulation.asked)} == names
    assert simulation.cloud.inventory().vms == ()
