"""How each type of resource answers: first status and headers, counted from the recordings of the real Azure.

Takes a type, gives its Kind. A = Azure-AsyncOperation, L = Location.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.azure import compute, network, storage
from tests.support.azure.place import Change, Place
from tests.support.azure.store import Held, Json


def _nothing(place: Place, held: Held) -> None:
    """No rule."""


def _as_it_is(place: Place, change: Change) -> None:
    """No rule."""
    change.body.setdefault("properties", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`new`, `old` and `delete` are a status and which headers; `delete_missing` answers for what is not there."""

    type: str
    put: Callable[[Place, Change], None] = _as_it_is
    check_delete: Callable[[Place, Held], None] = _nothing
    on_delete: Callable[[Place, Held], None] = _nothing
    show: Callable[[Place, Held], Json] | None = None
    new: tuple[int, str] = (201, "A")
    old: tuple[int, str] = (200, "A")
    delete: tuple[int, str] = (202, "AL")
    is_body_late: bool = False


_ALL = (
    Kind(type=compute.VM, put=compute.put_vm, on_delete=compute.delete_vm),
    Kind(type=compute.DISK, put=compute.put_disk, check_delete=compute.delete_disk, new=(202, "AL"), old=(202, "AL")),
    Kind(type="Microsoft.Compute/snapshots", put=compute.put_snapshot, new=(202, "AL"), old=(202, "AL")),
    Kind(type="Microsoft.Compute/images", put=compute.put_image),
    Kind(
        type="Microsoft.Compute/availabilitySets",
        put=compute.put_set,
        check_delete=compute.delete_set,
        new=(200, ""),
        old=(200, ""),
        delete=(200, ""),
    ),
    Kind(type=network.NETWORK, put=network.put_network, check_delete=network.delete_network, show=network.show_network),
    Kind(type=network.SUBNET, put=network.put_subnet, check_delete=network.delete_subnet),
    Kind(type="Microsoft.Network/networkSecurityGroups", put=network.put_group, check_delete=network.delete_group),
    Kind(type=network.ADDRESS, put=network.put_address, check_delete=network.delete_address),
    Kind(type=network.NIC, put=network.put_nic, check_delete=network.delete_nic, on_delete=network.let_go),
    Kind(type="Microsoft.Network/applicationSecurityGroups", put=network.put_plain),
    Kind(type=network.BALANCER, put=network.put_plain, show=network.show_pools),
    Kind(type=network.GATEWAY, put=network.put_plain, show=network.show_pools),
    Kind(type="Microsoft.Compute/diskEncryptionSets", new=(202, "AL"), old=(202, "AL")),
    Kind(type="Microsoft.Compute/capacityReservationGroups", new=(201, ""), old=(200, ""), delete=(200, "")),
    Kind(type=network.NAT, put=network.put_plain, check_delete=network.delete_gateway),
    Kind(type="Microsoft.Network/routeTables", put=network.put_plain, check_delete=network.delete_table),
    Kind(
        type="Microsoft.Storage/storageAccounts",
        put=storage.put_account,
        new=(202, "L"),
        old=(200, ""),
        delete=(200, ""),
        is_body_late=True,
    ),
    Kind(
        type="Microsoft.ManagedIdentity/userAssignedIdentities",
        put=storage.put_identity,
        new=(201, ""),
        old=(200, ""),
        delete=(200, ""),
    ),
)
KINDS = {kind.type.lower(): kind for kind in _ALL}
