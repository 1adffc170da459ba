"""A stand-in for Microsoft Graph: applications, their secrets, service principals.

Takes requests, gives replies. A new principal is unknown to ARM for a while, and so is a new secret to the sign-in.
"""

import re
import uuid

from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule
from tests.support.azure.login import Login
from tests.support.azure.place import Place


class Graph:
    """`lag` is how many times what is new is not known yet elsewhere."""

    def __init__(self, login: Login, place: Place, *, lag: int = 2) -> None:
        self._login = login
        self._place = place
        self.lag = lag
        self.applications: dict[str, dict[str, str]] = {}
        self.principals: dict[str, dict[str, str]] = {}

    def answer(self, request: Request, _rule: Rule | None) -> Reply:
        """The calls that a new principal takes."""
        if not self._login.is_token(request.headers.get("authorization", "")):
            return _error(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
        path, body = request.path, request.body or {}
        if path == "/v1.0/applications" and request.method == "POST":
            return self._new_application(body)
        if path in ("/v1.0/applications", "/v1.0/servicePrincipals") and request.method == "GET":
            return self._list(path, request.query.get("$filter", ""))
        secret = re.fullmatch(r"/v1.0/applications/([^/]+)/addPassword", path)
        if secret and request.method == "POST":
            return self._new_secret(secret[1])
        if path == "/v1.0/servicePrincipals" and request.method == "POST":
            return self._new_principal(body.get("appId", ""))
        return _error(404, "Request_ResourceNotFound", f"Resource '{path}' does not exist.")

    def _new_application(self, body: dict[str, str]) -> Reply:
        app = {"id": str(uuid.uuid4()), "appId": str(uuid.uuid4()), "displayName": body["displayName"]}
        self.applications[app["id"]] = app
        return Reply(status=201, body=app)

    def _list(self, path: str, wanted: str) -> Reply:
        held = self.applications if path.endswith("applications") else self.principals
        found = re.fullmatch(r"(\w+) eq '([^']*)'", wanted)
        chosen = [one for one in held.values() if not found or one.get(found[1]) == found[2]]
        return Reply(status=200, body={"value": chosen})

    def _new_secret(self, application: str) -> Reply:
        if application not in self.applications:
            return _error(404, "Request_ResourceNotFound", f"Resource '{application}' does not exist.")
        secret = f"fresh~{uuid.uuid4().hex}"
        self._login.clients.setdefault(self.applications[application]["appId"], set()).add(secret)
        self._login.unripe[secret] = self.lag
        body = {"keyId": str(uuid.uuid4()), "secretText": secret, "endDateTime": "2027-01-01T00:00:00Z"}
        return Reply(status=200, body=body)

    def _new_principal(self, app_id: str) -> Reply:
        if not any(app["appId"] == app_id for app in self.applications.values()):
            return _error(
                400, "Request_BadRequest", f"The appId '{app_id}' does not reference a valid application object."
            )
        made = {"id": str(uuid.uuid4()), "appId": app_id}
        self.principals[made["id"]] = made
        self._place.region.unknown_principals[made["id"]] = self.lag
        return Reply(status=201, body=made)


def _error(status: int, code: str, words: str) -> Reply:
    return Reply(status=status, body={"error": {"code": code, "message": words}})
