"""END CLOCK: a managed identity of the jumpbox that may read and delete the environment's resource group, and no more.

Takes ends and VMs, changes Azure. Identity, role and assignment have names that follow from the environment or the
subscription, so all of it is made once; all but the role's definition goes with the group.
"""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from cpi.clouds.azure.preflight import permissions
from cpi.clouds.azure.roles import assignments
from cpi.clouds.azure.roles.propagation import PropagationPatience, persist
from cpi.clouds.azure.roles.roles import Grant, Roles
from cpi.clouds.azure.wire import cids, config, names, ownership, underway
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.clouds.azure.wire.underway import Underway, Watched
from cpi.contract.errors import DeniedError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.long_running import Pending
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue, OwnerKey, VmCid
from cpi.kit import tags
from cpi.kit.waiting import Patience

Json = Mapping[str, Any]
ENDS = "compleat-ends"
"""The tag of the resource group that has the end."""
IDENTITY = "compleat-end-clock"
ACTIONS = ("*/read", "Microsoft.Resources/subscriptions/resourceGroups/delete")
GIVING = (
    "Microsoft.ManagedIdentity/userAssignedIdentities/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
)
DEFINING = "Microsoft.Authorization/roleDefinitions/write"
_PROVIDER = "Microsoft.ManagedIdentity"
_AUTHORIZATION = "providers/Microsoft.Authorization"
_DEFINITIONS = uuid.UUID("0f9a3c0e-5d0f-5a53-8a4c-5b5f6f2f2b61")
_DIRECTORY_S = 180.0
"""How long a new identity may stay unknown to the servers that assign roles."""


class AzureEndClock:
    """Implements EndClock of cpi.contract.cloud."""

    job = "end-clock-azure"

    def __init__(
        self, api: Api, settings: config.AzureConfig, *, places: ResourcePaths, environment: str, patience: Patience
    ) -> None:
        self._api = api
        self._settings = settings
        self._places = places
        self._owner = owner_of(environment)
        self._patience = patience
        self._roles = Roles(api)

    def job_properties(self) -> Mapping[str, JsonValue]:
        self._require_own_group()
        where = self._settings.where()
        return {
            "resource_manager": where.resource_manager.rstrip("/"),
            "resource": (where.scope or f"{where.resource_manager.rstrip('/')}/.default").removesuffix("/.default"),
            "resource_group": self._places.scope(),
            "environment": self._owner.environment,
            "identity": self._identity_path(),
            "metadata": where.metadata.rstrip("/"),
            "ca": self._api.ca(),
        }

    def require_rights(self) -> None:
        self._require_own_group()
        scope = self._places.scope()
        is_there = self._api.get(scope) is not None
        scope = scope if is_there else self._places.root()
        lacking = permissions.lacking(GIVING, self._api.list(f"{scope}/{_AUTHORIZATION}/permissions"))
        if not self._definition():
            scope = self._places.root()
            lacking += permissions.lacking((DEFINING,), self._api.list(f"{scope}/{_AUTHORIZATION}/permissions"))
        if lacking:
            raise DeniedError(
                "end-clock-denied",
                "The login may not give the jumpbox a login of its own, by which it ends the environment.",
                why=f"On {scope} Azure does not grant it {', '.join(lacking)}.",
                fix="Assign it the role User Access Administrator there, or leave the clock to this machine.",
            )

    def set_end(self, at: float) -> None:
        moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
        self._tag(f"{moment:%Y-%m-%dT%H:%M:%SZ}")

    def give_login(self, vm_cid: VmCid) -> None:
        """Azure carries out some of it for a while; what is done is then not done again."""
        self._patience.wait_for(lambda: self._begin_giving(vm_cid))

    def revoke(self) -> None:
        self._tag("")
        identity, definition = self._api.get(self._identity_path()), self._definition()
        if identity is not None and definition:
            principal_id = str(identity["properties"]["principalId"])
            self._api.delete(assignments.role_path(self._places.scope(), principal_id, definition))

    def _begin_giving(self, vm_cid: VmCid) -> bool | Pending:
        try:
            self._give(vm_cid)
        except Underway as found:
            handle = underway.write_handle(Watched(operation=found.operation))
            return self._api.pending(found.operation, handle=handle)
        return True

    def _give(self, vm_cid: VmCid) -> None:
        """The role first: a VM that has the identity can use it."""
        self._register()
        identity = self._api.put(
            self._identity_path(), {"location": self._settings.location, "tags": tags.tags_of(self._owner)}
        )
        principal_id = str(identity["properties"]["principalId"])
        self._give_role(principal_id)
        path = cids.path_of(vm_cid, "VM", self._places)
        vm = ownership.require(ownership.need(self._api.get(path), f"VM '{vm_cid}'"), self._owner.environment)
        body = with_identity(vm, self._identity_path())
        if body is not None:
            self._api.patch(path, body)

    def _register(self) -> None:
        path = f"{self._places.root()}/providers/{_PROVIDER}"
        if str((self._api.get(path) or {}).get("registrationState")) != "Registered":
            self._api.post(f"{path}/register", waits=False)
            registered = str((self._api.get(path) or {}).get("registrationState")) == "Registered"
            self._api.stop_until(registered, f"registering {_PROVIDER}")

    def _give_role(self, principal_id: str) -> None:
        scope = self._places.scope()
        definition = self._definition() or self._define()
        grant = Grant(role=self._role_name(), scope=scope, definition_id=definition, principal_id=principal_id)
        persist(
            lambda: self._roles.give(grant),
            patience=PropagationPatience(self._api.clock, _DIRECTORY_S),
            is_early=lambda error: isinstance(error, TransientError),
            on_wait=lambda: None,
        )

    def _definition(self) -> str:
        """The id of the role's definition, "" where the subscription has none yet."""
        try:
            return self._roles.definition(self._role_name(), self._places.root())
        except NotFoundError:
            return ""

    def _define(self) -> str:
        name, root = self._role_name(), self._places.root()
        path = f"{root}/{_AUTHORIZATION}/roleDefinitions/{uuid.uuid5(_DEFINITIONS, root.lower())}"
        return str(self._api.put(path, render_definition(name, root), waits=False).get("id", path))

    def _role_name(self) -> str:
        """Unique in the tenant, as Azure demands."""
        return f"compleat-end-of-environments-{self._places.subscription}"

    def _tag(self, end: str) -> None:
        """Azure replaces all tags of a group at once."""
        group = self._api.get(self._places.scope())
        if group is None:
            return
        there = dict(ownership.require(group, self._owner.environment).get("tags") or {})
        wanted = {name: text for name, text in there.items() if name != ENDS} | ({ENDS: end} if end else {})
        if wanted != there:
            self._api.patch(self._places.scope(), {"tags": wanted})

    def _identity_path(self) -> str:
        return self._places.path(names.IDENTITY, IDENTITY)

    def _require_own_group(self) -> None:
        if self._settings.resource_group_name:
            raise NotSupportedError(
                "end-clock-unavailable",
                "The jumpbox cannot hold the clock of the environment's end.",
                why=f"Its login deletes a whole resource group, and '{self._places.group}' is kept: it is named by "
                "resource_group_name in the environment's file.",
                fix="Leave resource_group_name out, or leave the clock to this machine.",
            )


def owner_of(environment: str) -> OwnerKey:
    """Whose the identity is."""
    return OwnerKey(environment=environment, deployment=ENVIRONMENT_ITSELF, action="landing/end-clock")


def render_definition(name: str, scope: str) -> dict[str, Any]:
    """A role that reads everything and deletes a resource group; it holds only where it is assigned."""
    return {
        "properties": {
            "roleName": name,
            "description": "Held by the jumpbox of an environment of compleat that ends by itself.",
            "type": "CustomRole",
            "permissions": [{"actions": list(ACTIONS), "notActions": []}],
            "assignableScopes": [scope],
        }
    }


def with_identity(vm: Json, identity: str) -> dict[str, Any] | None:
    """The change that adds an identity to those a VM has; None: it has it."""
    there = vm.get("identity") or {}
    if identity.lower() in {str(one).lower() for one in there.get("userAssignedIdentities") or ()}:
        return None
    is_own = "systemassigned" in str(there.get("type", "")).replace(" ", "").lower()
    kind = "SystemAssigned, UserAssigned" if is_own else "UserAssigned"
    return {"identity": {"type": kind, "userAssignedIdentities": {identity: {}}}}
