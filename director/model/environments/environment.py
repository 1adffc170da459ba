"""An environment: a named place on one or more clouds, its landing zone and its jumpboxes.

Takes nothing, gives frozen values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Endpoint, FoundLandingResource, FoundStemcell, JsonValue, SshAccess
from director.model.agents.agent_address import SSH_PORT as SSH_PORT
from director.model.agents.agent_address import AgentAddress, AgentLogin, AgentTarget, SshAddress
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments.desired import StemcellOffer
from director.model.environments.state import VmRecord
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.former import OptionalText
from director.model.ids import ActionId, EnvironmentName
from director.model.secret_ref import SecretRef

JUMPBOX = "jumpbox"
"""The deployment of the VMs through which all others are reached: one, or one on each of several clouds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudChoice:
    """A cloud of the environment: `name` as AZs call it, and its plugin with properties."""

    name: CloudName
    plugin: str
    properties: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The place that one of the environment's clouds was when the environment was made, in the cloud's own words."""

    cloud: CloudName
    plugin: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellThere(FoundStemcell):
    """A stemcell on one of the environment's clouds: each has its own CID for the same os and version.

    `name` is the one under which it was uploaded, "" for a stock image and the cloud's default stemcell.
    """

    cloud: CloudName = ONLY_CLOUD
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumpbox:
    """A way into a cloud: its public address there, where this machine reaches its SSH port, and its host key."""

    cloud: CloudName
    address: str
    endpoint: Endpoint
    host_key: OptionalText = None


EndClockPlace = Literal["here", "jumpbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentEnd:
    """When the environment ends by itself, in seconds since 1970; `at` None: never.

    `written` is what the environment's file said when this was decided. `clock` is what ends it: "here" a timer of this
    machine, "jumpbox" that and the jumpbox itself.
    """

    at: float | None
    written: str = ""
    clock: EndClockPlace = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Everything about the place that a deployment needs.

    `ssh` is the login every VM gets, `ssh_key` the secret that holds its private key. `jumpboxes` are in the order of
    the clouds, none before the landing zones exist. `variables` are the landing zones' outputs. `storing` are
    the clouds that have object storage. `fingerprints` are the places it was made on: none for an environment that was
    made before there were any, until its next `up`. `uploaded` are the records of uploaded stemcells. Runs with a
    number up to `former_runs` are of an earlier environment of the same name. `end` None: no end was ever given.
    """

    name: EnvironmentName
    clouds: tuple[CloudChoice, ...]
    ssh: SshAccess
    ssh_key: SecretRef
    landing: tuple[FoundLandingResource, ...] = ()
    stemcells: tuple[StemcellThere, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    jumpboxes: tuple[Jumpbox, ...] = ()
    storing: frozenset[CloudName] = frozenset()
    fingerprints: tuple[Fingerprint, ...] = ()
    former_runs: int = 0
    uploaded: tuple[UploadedStemcell, ...] = ()
    end: EnvironmentEnd | None = None

    def offers(self) -> tuple[StemcellOffer, ...]:
        """Each os and version once, those of the first cloud first; the CID where there is only one cloud."""
        is_only = len(self.clouds) < 2
        offers = [
            StemcellOffer(
                name=found.name,
                os=found.os,
                version=found.version,
                architecture=found.architecture,
                cid=found.cid if is_only else "",
            )
            for found in self.stemcells
        ]
        return tuple(dict.fromkeys(offers))

    def jumpbox_for(self, cloud: str) -> Jumpbox | None:
        """The cloud's own; where it has none the first there is, which its networks must be routed to."""
        first = next(iter(self.jumpboxes), None)
        return next((each for each in self.jumpboxes if each.cloud == cloud), first)

    def jumpbox_group(self, cloud: str) -> str:
        """The instance group of a cloud's jumpbox."""
        return group_of_jumpbox(cloud, is_first=cloud == self.jumpboxes[0].cloud)

    def jumpbox_target(self, jumpbox: Jumpbox) -> AgentTarget:
        """How to reach the jumpbox itself: by SSH, as a person does."""
        endpoint = jumpbox.endpoint
        return self._target(JUMPBOX, SshAddress(host=endpoint.host, port=endpoint.port, host_key=jumpbox.host_key))

    def target_of(self, vm: VmRecord, name: str) -> AgentTarget | None:
        """How to reach a VM's agent: its address, with this environment's login and way in.

        Straight for the holder of a jumpbox's address, through its cloud's jumpbox for others. None: no address.
        """
        if vm.agent is None:
            return None
        jumpbox = self.jumpbox_for(vm.cloud)
        if jumpbox and jumpbox.cloud == vm.cloud and any(network.ip == jumpbox.address for network in vm.networks):
            return self._target(name, vm.agent.at(jumpbox.endpoint))
        if jumpbox is None:
            return self._target(name, vm.agent, cloud=vm.cloud)
        return self._target(name, vm.agent, jump=self.jumpbox_target(jumpbox))

    def _target(
        self, name: str, address: AgentAddress, *, jump: AgentTarget | None = None, cloud: str = ""
    ) -> AgentTarget:
        login = AgentLogin(user=self.ssh.user, key=self.ssh_key)
        return AgentTarget(name=name, address=address, login=login, jump=jump, cloud=cloud)


def group_of_jumpbox(cloud: str, *, is_first: bool) -> str:
    """The instance group of a cloud's jumpbox; the first has the plain name."""
    return JUMPBOX if is_first else f"{JUMPBOX}-{cloud}"


def stemcells_there(
    cloud: str, found: Iterable[FoundStemcell], uploaded: Iterable[UploadedStemcell] = ()
) -> tuple[StemcellThere, ...]:
    """A cloud's stemcells as the environment knows them; those that `--fix` replaced are left out."""
    records = {record.action: record for record in uploaded if record.cloud == cloud}
    names = {action: record.name for action, record in records.items()}
    replaced = {action for action, record in records.items() if record.is_replaced}
    return tuple(
        StemcellThere(
            cid=each.cid,
            owner=each.owner,
            os=each.os,
            version=each.version,
            architecture=each.architecture,
            cloud=cloud,
            name=names.get(ActionId(each.owner.action), ""),
        )
        for each in found
        if each.owner.action not in replaced
    )
