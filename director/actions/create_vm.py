"""Create a VM: for an instance, or for a compile VM when `instance` is None (its name is then `compiler`).

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkSettings, StemcellCid, VmCid, VmRequest
from director.model.agents import agent_address
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState, VmRecord
from director.model.former import OptionalText
from director.model.ids import ActionId
from director.model.secret_ref import Property
from director.model.tasks.work import CidResult, CloudWork, Difference, Doubt, Family, VmWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVmResult(CidResult):
    """The VM's networks with the addresses that it has, and its SSH host key where the cloud knows it.

    `stemcell_cid` is what it was created from, where the plan left that open, else "".
    """

    networks: tuple[NetworkSettings, ...] = ()
    host_key: OptionalText = None
    stemcell_cid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVm(CloudWork[CreateVmResult], VmWork[CreateVmResult]):
    """Create a VM: for an instance, or for a compile VM when `instance` is None (its name is then `compiler`).

    `stemcell` is the action of the same plan that makes its stemcell; the request's `stemcell_cid` is "" then.
    `env` is the VM's where secrets are in it, by their names, and `env_secrets` their versions; that of the request is
    {} then.
    """

    request: VmRequest
    stemcell: ActionId | None = None
    env: Mapping[str, Property] = field(default_factory=dict)
    env_secrets: Mapping[str, int] = field(default_factory=dict)
    kind: Literal["create_vm"] = "create_vm"
    facts: ClassVar = WorkFacts(
        verb="create",
        noun="vm",
        doing="creating VM",
        sign="+",
        estimate_s=25.0,
        family=Family.COMPUTE,
        doubt=Doubt.LOOK,
        is_event=True,
    )
    result: ClassVar = CreateVmResult

    def awaits(self) -> tuple[ActionId, ...]:
        """The action that makes its stemcell, if any."""
        return (self.stemcell,) if self.stemcell else ()

    @property
    def networks(self) -> tuple[NetworkSettings, ...]:
        """Those of the VM."""
        return self.request.networks

    def fold(self, state: DeploymentState, action: ActionId, result: CreateVmResult) -> DeploymentState:
        """A new VM runs nothing yet and has no disk; folding the same VM again changes nothing."""
        vm = self.record(action, result)
        if self.instance is None:
            return state_changes.put_compiler(state, self.of_compiler(), vm)
        known = state_changes.vm_of(state, self.instance)
        if known and known.cid == vm.cid:
            return state
        return state_changes.replace_vm(state, self.instance, vm)

    def record(self, action: ActionId, result: CreateVmResult) -> VmRecord:
        """The VM that the action made, as its state keeps it."""
        reported = {network.name: network for network in result.networks}
        networks = tuple(_filled_in(network, reported.get(network.name)) for network in self.request.networks)
        return VmRecord(
            cid=VmCid(result.cid),
            action=action,
            stemcell_cid=StemcellCid(self.request.stemcell_cid or result.stemcell_cid),
            networks=networks,
            cloud=self.cloud,
            cloud_properties=self.request.cloud_properties,
            env=self.env or self.request.env,
            env_secrets=self.env_secrets,
            tags=self.request.tags,
            agent=agent_address.first_address(networks, result.host_key),
        )

    def differences(self, result: CreateVmResult) -> tuple[Difference, ...]:
        """A network or an address that is another than planned, or an open one that was not filled in."""
        reported = {network.name: network for network in result.networks}
        return tuple(each for network in self.request.networks for each in _differences(network, reported))


def _filled_in(planned: NetworkSettings, reported: NetworkSettings | None) -> NetworkSettings:
    """The network as planned, with what the plan left open as the cloud told it."""
    if planned.ip or reported is None:
        return planned
    return replace(
        planned, ip=reported.ip, prefix=reported.prefix, gateway=reported.gateway, dns=planned.dns or reported.dns
    )


def _differences(planned: NetworkSettings, reported: Mapping[str, NetworkSettings]) -> Iterator[Difference]:
    if planned.name not in reported:
        yield Difference(what=f"network {planned.name}", planned="there", reported="missing")
        return
    ip = reported[planned.name].ip
    if planned.ip and planned.ip != ip:
        yield Difference(what=f"address on {planned.name}", planned=planned.ip, reported=ip)
    elif not ip:
        yield Difference(what=f"address on {planned.name}", planned="some address", reported="none")
