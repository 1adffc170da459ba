"""The tenant's directory by Microsoft Graph: applications, their secrets, service principals.

Takes names and keys, gives Applications and ids. A call repeated makes nothing twice, but for `add_secret`.
Source: microsoftgraph/microsoft-graph-docs-contrib api-reference/v1.0/api (application-*, serviceprincipal-*).
"""

from collections.abc import Sequence

from cpi.clouds.azure.principals import principals
from cpi.clouds.azure.principals.principals import Application, Secret
from cpi.clouds.azure.wire.api import Api
from cpi.contract.errors import CloudError, NotFoundError, TransientError


class Directory:
    def __init__(self, api: Api) -> None:
        self._api = api

    def find_application(self, name: str, tags: Sequence[str]) -> Application | None:
        """Ours of that name, None without it. Raises ConflictError, code name-taken."""
        quoted = name.replace("'", "''")
        listed = self._api.list("/v1.0/applications", filter=f"displayName eq '{quoted}'", select=principals.FIELDS)
        return principals.choose_own([principals.read_application(each) for each in listed], name, tags)

    def make_application(self, key: str, name: str, tags: Sequence[str]) -> Application:
        """After: there is one with that key. Raises TransientError while the directory's list lacks it."""
        made = self._api.upsert(f"/v1.0/applications(uniqueName='{key}')", principals.render_application(name, tags))
        if made:
            return principals.read_application(made)
        found = self.find_application(name, tags)
        if found is None:
            raise TransientError("not-visible-yet", f"The directory does not list application '{name}' yet.")
        return found

    def read_application(self, application: Application) -> Application:
        """As it is now. Raises NotFoundError: gone, or not known everywhere yet."""
        found = self._api.get(f"/v1.0/applications/{application.id}", select=principals.FIELDS)
        if found is None:
            raise NotFoundError(
                "unknown-application",
                f"Application '{application.name}' no longer exists.",
                why="It existed when this command started.",
                fix="Run the command again: it creates what is missing.",
            )
        return principals.read_application(found)

    def find_principal(self, app_id: str) -> str:
        """The service principal's id; "" without one."""
        found = self._api.get(f"/v1.0/servicePrincipals(appId='{app_id}')")
        return str(found["id"]) if found else ""

    def make_principal(self, app_id: str) -> str:
        """After: it is there; gives its id. Raises NotFoundError or TransientError while it is not known everywhere."""
        made = self._api.upsert(f"/v1.0/servicePrincipals(appId='{app_id}')", {})
        found = str(made["id"]) if made else self.find_principal(app_id)
        if not found:
            raise TransientError("not-visible-yet", f"The directory does not list the principal of {app_id} yet.")
        return found

    def add_secret(self, application: Application, body: principals.Json) -> Secret:
        """One more secret, with its text."""
        path = f"/v1.0/applications/{application.id}/addPassword"
        return principals.read_secret(self._api.post(path, body, waits=False))

    def remove_secret(self, application: Application, key_id: str) -> None:
        """After: absent. Absent before is success: Graph's refusals differ, so it is looked up first."""
        try:
            self._api.post(f"/v1.0/applications/{application.id}/removePassword", {"keyId": key_id}, waits=False)
        except CloudError:
            if key_id in [secret.key_id for secret in self.read_application(application).secrets]:
                raise
