"""LONG_RUNNING on OpenStack: an image that is made of a server or imported, whose bytes follow minutes later; and
changes of load balancers, of which Octavia takes one at a time and carries it out for seconds, or for minutes where it
makes one.

Takes the plugin's abilities, gives their results, or Pending.
"""

from cpi.clouds.openstack.cloud import OpenStackCloud
from cpi.clouds.openstack.images.sourced_images import ImageUnderway, SourcedImages
from cpi.clouds.openstack.machines import balancer_calls
from cpi.clouds.openstack.machines.balancer_calls import BalancerBusyError
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.cloud import Landing
from cpi.contract.long_running import Pending
from cpi.contract.values import (
    FoundLandingResource,
    LandingCid,
    LandingResource,
    OwnerKey,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit.immediate_calls import ImmediateCalls


class OpenStackLongRunning(ImmediateCalls):
    """Implements LongRunning of cpi.contract.long_running."""

    def __init__(self, cloud: OpenStackCloud, landing: Landing, sourced: SourcedImages, *, api: Api) -> None:
        super().__init__(cloud, landing, cloud)
        self._sourced = sourced
        self._api = api

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid | Pending:
        try:
            return super().create_stemcell(request)
        except ImageUnderway as found:
            return found.pending

    def create_vm(self, request: VmRequest) -> VmCreated | Pending:
        """It joins the pools of load balancers when it is there."""
        try:
            return super().create_vm(request)
        except BalancerBusyError as busy:
            return busy.pending

    def delete_vm(self, cid: VmCid) -> Pending | None:
        """It leaves them before it goes."""
        try:
            return super().delete_vm(cid)
        except BalancerBusyError as busy:
            return busy.pending

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource | Pending:
        try:
            return super().create_landing_resource(resource, owner)
        except BalancerBusyError as busy:
            return busy.pending

    def delete_landing_resource(self, cid: LandingCid) -> Pending | None:
        try:
            return super().delete_landing_resource(cid)
        except BalancerBusyError as busy:
            return busy.pending

    def look(self, handle: str) -> Pending | None:
        is_balancer = balancer_calls.is_handle(handle)
        return balancer_calls.look(self._api, handle) if is_balancer else self._sourced.look(handle)
