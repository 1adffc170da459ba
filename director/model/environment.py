"""An environment: a named place on one or more clouds, its landing zone and its jumpbox.

Takes nothing, gives frozen values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cpi.values import Endpoint, FoundLandingResource, FoundStemcell, JsonValue, SshAccess
from director.model.agent_state import SshTarget
from director.model.desired import StemcellOffer
from director.model.ids import EnvironmentName
from director.model.secret_ref import SecretRef
from director.model.state import VmRecord

JUMPBOX = "jumpbox"
"""The deployment of the one VM through which all others are reached."""

SSH_PORT = 22
"""Where a VM's SSH server listens; where this machine reaches it, an Endpoint says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudChoice:
    """A cloud of the environment: `name` as AZs call it ("" for the only one), and its plugin with properties."""

    name: str
    plugin: str
    properties: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellThere(FoundStemcell):
    """A stemcell on one of the environment's clouds: each has its own CID for the same os and version."""

    cloud: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Everything about the place that a deployment needs.

    `ssh` is the login every VM gets, `ssh_key` the secret that holds its private key. `jumpbox_address` is the
    jumpbox's public address inside the cloud and `jumpbox_endpoint` where this machine reaches its SSH port; both
    empty before the landing zone exists. `variables` are the landing zone's outputs.
    """

    name: EnvironmentName
    clouds: tuple[CloudChoice, ...]
    ssh: SshAccess
    ssh_key: SecretRef
    landing: tuple[FoundLandingResource, ...] = ()
    stemcells: tuple[StemcellThere, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    jumpbox_address: str = ""
    jumpbox_endpoint: Endpoint | None = None
    jumpbox_host_key: str = ""

    def offers(self) -> tuple[StemcellOffer, ...]:
        """Each os and version once, those of the first cloud first; the CID where there is only one cloud."""
        is_only = len(self.clouds) < 2
        offers = [
            StemcellOffer(
                os=found.os, version=found.version, architecture=found.architecture, cid=found.cid if is_only else ""
            )
            for found in self.stemcells
        ]
        return tuple(dict.fromkeys(offers))

    def target_of(self, vm: VmRecord, name: str) -> SshTarget | None:
        """How to reach a VM: straight for the holder of the jumpbox's address, through it for others.

        None when it has no address.
        """
        if self.jumpbox_endpoint and any(network.ip == self.jumpbox_address for network in vm.networks):
            return self._target(name, self.jumpbox_endpoint, vm.host_key)
        private = [network.ip for network in vm.networks if network.kind.value != "vip" and network.ip]
        if not private:
            return None
        return self._target(name, Endpoint(host=private[0], port=SSH_PORT), vm.host_key, jump=self._jumpbox())

    def _jumpbox(self) -> SshTarget | None:
        if not self.jumpbox_endpoint:
            return None
        return self._target(JUMPBOX, self.jumpbox_endpoint, self.jumpbox_host_key)

    def _target(self, name: str, endpoint: Endpoint, host_key: str, *, jump: SshTarget | None = None) -> SshTarget:
        return SshTarget(
            name=name,
            host=endpoint.host,
            port=endpoint.port,
            user=self.ssh.user,
            key=self.ssh_key,
            host_key=host_key,
            jump=jump,
        )


def stemcells_there(cloud: str, found: Iterable[FoundStemcell]) -> tuple[StemcellThere, ...]:
    """A cloud's stemcells as the environment knows them."""
    return tuple(
        StemcellThere(
            cid=each.cid,
            owner=each.owner,
            os=each.os,
            version=each.version,
            architecture=each.architecture,
            cloud=cloud,
        )
        for each in found
    )
