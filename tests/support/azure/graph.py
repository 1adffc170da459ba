"""A stand-in for Microsoft Graph: applications, their secrets, service principals.

Takes requests, gives replies. What is new is unknown for a while: to the next calls here, to ARM, to the sign-in.
Source: microsoftgraph/microsoft-graph-docs-contrib api-reference/v1.0/api: application-upsert, -list, -get,
-addpassword, -removepassword; serviceprincipal-upsert, -get.
"""

import copy
import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any

from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule
from tests.support.azure.login import Login, Token
from tests.support.azure.place import Place

Json = dict[str, Any]
Handler = Callable[[Request, "re.Match[str]"], Reply]
_TWO_YEARS = datetime.timedelta(days=730)


class Graph:
    """`lag` is how many times what is new is not known yet elsewhere; `may_register` is the tenant's policy."""

    def __init__(self, login: Login, place: Place, *, lag: int = 2) -> None:
        self._login = login
        self._place = place
        self.lag = lag
        self.may_register = True
        self.applications: dict[str, Json] = {}
        self.principals: dict[str, Json] = {}
        self._unseen: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        self._table: list[tuple[str, str, Handler]] = [
            ("GET", "/v1.0/applications", self._list),
            ("PATCH", r"/v1.0/applications\(uniqueName='(?P<key>[^']+)'\)", self._upsert_application),
            ("GET", "/v1.0/applications/(?P<id>[^/]+)", self._get_application),
            ("POST", "/v1.0/applications/(?P<id>[^/]+)/addPassword", self._add_password),
            ("POST", "/v1.0/applications/(?P<id>[^/]+)/removePassword", self._remove_password),
            ("PATCH", r"/v1.0/servicePrincipals\(appId='(?P<key>[^']+)'\)", self._upsert_principal),
            ("GET", r"/v1.0/servicePrincipals\(appId='(?P<key>[^']+)'\)", self._get_principal),
        ]

    def secrets(self) -> list[str]:
        """The names of all secrets of all applications."""
        return [one["displayName"] for app in self.applications.values() for one in app["passwordCredentials"]]

    def forget(self) -> None:
        """Every application and principal is gone, as if an administrator had deleted them."""
        for application in self.applications.values():
            self._login.clients.pop(application["appId"], None)
        self.applications.clear()
        self.principals.clear()

    def answer(self, request: Request, _rule: Rule | None) -> Reply:
        """By the table above."""
        token = self._login.who(request.headers.get("authorization", ""), request.base)
        if not isinstance(token, Token):
            return _error(401, "InvalidAuthenticationToken", f"Access token validation failure: {token}.")
        for method, pattern, handler in self._table:
            found = re.fullmatch(pattern, request.path)
            if found and request.method == method:
                return copy.deepcopy(handler(request, found))
        return _error(404, "Request_ResourceNotFound", f"Resource '{request.path}' does not exist.")

    def _list(self, request: Request, _found: "re.Match[str]") -> Reply:
        wanted = re.fullmatch(r"displayName eq '(.*)'", request.query.get("$filter", ""))
        assert wanted, "the stand-in filters by name alone"
        name = wanted[1].replace("''", "'")
        chosen = [one for one in self.applications.values() if one["displayName"] == name and self._is_seen(one["id"])]
        return Reply(status=200, body={"value": chosen})

    def _upsert_application(self, request: Request, found: "re.Match[str]") -> Reply:
        old = next((one for one in self.applications.values() if one["uniqueName"] == found["key"]), None)
        if not self.may_register:
            return _error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        if old is None and request.headers.get("prefer") != "create-if-missing":
            return _missing(found["key"])
        if old is not None:
            old.update(request.body)
            return Reply(status=204)
        made = {"id": str(uuid.uuid4()), "appId": str(uuid.uuid4()), "uniqueName": found["key"]}
        made |= {"passwordCredentials": [], "tags": [], **request.body}
        self.applications[made["id"]] = made
        self._unseen[made["id"]] = self.lag
        return Reply(status=201, body=made)

    def _get_application(self, _request: Request, found: "re.Match[str]") -> Reply:
        held = self.applications.get(found["id"])
        return Reply(status=200, body=held) if held and self._is_seen(found["id"]) else _missing(found["id"])

    def _add_password(self, request: Request, found: "re.Match[str]") -> Reply:
        held = self.applications.get(found["id"])
        if held is None or not self._is_seen(found["id"]):
            return _missing(found["id"])
        text = f"fresh~{uuid.uuid4().hex}"
        now = datetime.datetime.now(datetime.UTC)
        made = {"keyId": str(uuid.uuid4()), "startDateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}", "hint": text[:3]}
        made |= {"endDateTime": f"{now + _TWO_YEARS:%Y-%m-%dT%H:%M:%SZ}", **request.body["passwordCredential"]}
        held["passwordCredentials"].append({**made, "secretText": None})
        self._login.clients.setdefault(held["appId"], set()).add(text)
        self._login.unripe[text] = self.lag
        self._texts[made["keyId"]] = text
        return Reply(status=200, body={**made, "secretText": text})

    def _remove_password(self, request: Request, found: "re.Match[str]") -> Reply:
        held, key = self.applications.get(found["id"]), request.body["keyId"]
        if held is None:
            return _missing(found["id"])
        kept = [one for one in held["passwordCredentials"] if one["keyId"] != key]
        if len(kept) == len(held["passwordCredentials"]):
            return _error(400, "Request_BadRequest", f"No password credential found with keyId '{key}'.")
        held["passwordCredentials"] = kept
        self._login.clients[held["appId"]].discard(self._texts[key])
        return Reply(status=204)

    def _upsert_principal(self, request: Request, found: "re.Match[str]") -> Reply:
        app_id = found["key"]
        application = next((one for one in self.applications.values() if one["appId"] == app_id), None)
        if application is None or not self._is_seen(application["id"]):
            words = f"The appId '{app_id}' of the service principal does not reference a valid application object."
            return _error(400, "NoBackingApplicationObject", words)
        if app_id in self.principals:
            return Reply(status=204)
        if request.headers.get("prefer") != "create-if-missing":
            return _missing(app_id)
        made = {"id": str(uuid.uuid4()), "appId": app_id, "displayName": application["displayName"]}
        self.principals[app_id] = made
        self._login.objects[app_id] = made["id"]
        self._place.region.unknown_principals[made["id"]] = self.lag
        self._place.region.unripe_roles[made["id"]] = self.lag
        return Reply(status=201, body=made)

    def _get_principal(self, _request: Request, found: "re.Match[str]") -> Reply:
        held = self.principals.get(found["key"])
        return Reply(status=200, body=held) if held else _missing(found["key"])

    def _is_seen(self, application: str) -> bool:
        """Whether a new application is known by now; counts."""
        left = self._unseen.get(application, 0)
        self._unseen[application] = max(0, left - 1)
        return left == 0


def _missing(what: str) -> Reply:
    words = f"Resource '{what}' does not exist or one of its queried reference-property objects are not present."
    return _error(404, "Request_ResourceNotFound", words)


def _error(status: int, code: str, words: str) -> Reply:
    return Reply(status=status, body={"error": {"code": code, "message": words}})
