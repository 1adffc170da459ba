"""Microsoft's management packages: which of their operations a verb on a path is.

Takes a verb and an ARM path, gives the operation to call; None where no package has it, or none that can be used. A
client is imported by its name when it is first needed: the four take longer than all other imports of a command.
"""

import importlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

from cpi.clouds.azure.wire import arm_paths, names
from cpi.clouds.azure.wire.packages.typed_operations import BoundOperation, Client, PageLink
from cpi.clouds.azure.wire.pipeline import Address, Credential

_MODULES: Mapping[str, str] = {
    "microsoft.compute": "cpi.clouds.azure.wire.packages.compute_client",
    "microsoft.network": "cpi.clouds.azure.wire.packages.network_client",
    "microsoft.storage": "cpi.clouds.azure.wire.packages.storage_client",
    "microsoft.resources": "cpi.clouds.azure.wire.packages.deployments_client",
    arm_paths.GROUP: "cpi.clouds.azure.wire.packages.resource_client",
    arm_paths.PROVIDER: "cpi.clouds.azure.wire.packages.resource_client",
}
"""By the first word of a kind of resource."""


class Clients:
    """Those of all subscriptions that paths name. Safe to use from many threads."""

    def __init__(self, address: Address, credential: Credential, *, policies: list[Any], transport: Any) -> None:
        self._address = address
        self._credential = credential
        self._policies = policies
        self._transport = transport
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Client] = {}

    def find(self, verb: str, path: str) -> BoundOperation | None:
        """The operation with its names."""
        target = arm_paths.read_target(path)
        module = _MODULES.get(target.kind.partition("/")[0]) if target else None
        if target is None or module is None:
            return None
        client = self._client(module, target.subscription)
        operation = client.table.get((_verb_on(target, verb), target.kind))
        if operation is None:
            return None
        version = {"api_version": names.version_of(path)} if client.takes_version else {}
        return BoundOperation(operation=operation, names=target.names, options=version)

    def _client(self, module: str, subscription: str) -> Client:
        with self._lock:
            if (module, subscription) not in self._made:
                connect: Callable[[PageLink], Client] = importlib.import_module(module).connect
                self._made[module, subscription] = connect(self._link(subscription))
            return self._made[module, subscription]

    def _link(self, subscription: str) -> PageLink:
        return PageLink(
            credential=self._credential,
            subscription=subscription,
            base_url=self._address.url.rstrip("/"),
            policies=self._policies,
            transport=self._transport,
        )


def _verb_on(target: arm_paths.ArmTarget, verb: str) -> str:
    return "list all" if verb == "list" and not target.is_in_group else verb
