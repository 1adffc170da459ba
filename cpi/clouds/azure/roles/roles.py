"""Roles on scopes: found by name, looked for, given.

Takes paths of scopes and ids, gives definitions' ids. Given twice is given once.
"""

from cpi.clouds.azure.roles import assignments
from cpi.clouds.azure.wire.api import Api
from cpi.contract.errors import ConflictError, DeniedError, NotFoundError
from cpi.contract.value_classes import dataclass

_AUTHORIZATION = "providers/Microsoft.Authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who gets which role where; `role` is its name."""

    role: str
    scope: str
    definition_id: str
    principal_id: str


class Roles:
    def __init__(self, api: Api) -> None:
        self._api = api

    def definition(self, role: str, scope: str) -> str:
        """The id of a role. Raises NotFoundError, code unknown-role."""
        quoted = role.replace("'", "''")
        listed = self._api.list(f"{scope}/{_AUTHORIZATION}/roleDefinitions", filter=f"roleName eq '{quoted}'")
        if not listed:
            raise NotFoundError(
                "unknown-role",
                f"Role '{role}' does not exist.",
                why=f"Azure has none with that name on {scope}.",
                fix="Correct `--role`; `az role definition list --query [].roleName` lists them.",
            )
        return str(listed[0]["id"])

    def is_given(self, grant: Grant) -> bool:
        """Whether the principal has the role there, or above."""
        path = f"{grant.scope}/{_AUTHORIZATION}/roleAssignments"
        listed = self._api.list(path, filter=f"principalId eq '{grant.principal_id}'")
        return assignments.has_role(listed, grant.scope, grant.definition_id)

    def give(self, grant: Grant) -> None:
        """After: the principal has it. Raises DeniedError, code role-not-assignable; TransientError while unknown."""
        path = assignments.role_path(grant.scope, grant.principal_id, grant.definition_id)
        try:
            self._api.put(path, assignments.render_role(grant.principal_id, grant.definition_id), waits=False)
        except ConflictError as error:
            if error.code != "role-assigned":
                raise
        except DeniedError as error:
            raise DeniedError(
                "role-not-assignable",
                f"You may not assign the role {grant.role} on {grant.scope}.",
                why=error.why,
                fix="Ask an owner there to run `az role assignment create --assignee-principal-type "
                f"ServicePrincipal --assignee-object-id {grant.principal_id} --role '{grant.role}' --scope "
                f"{grant.scope}`, then run this command again; it continues.",
            ) from error
