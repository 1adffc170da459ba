"""A stand-in for the metadata service of VMs: tokens of the managed identities that they have.

Takes requests, gives replies. Which VM asks cannot be seen here: an identity counts that any VM has.
Source: MicrosoftDocs/entra-docs docs/identity/managed-identities-azure-resources/how-to-use-vm-token.md.
"""

import time
import uuid

from tests.support.azure import compute
from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule
from tests.support.azure.login import Login, Token
from tests.support.azure.place import Place
from tests.support.azure.store import Held, is_same

PATH = "/metadata/identity/oauth2/token"


class Metadata:
    def __init__(self, place: Place, login: Login) -> None:
        self._place = place
        self._login = login

    def answer(self, request: Request, _rule: Rule | None) -> Reply:
        """A token, or why there is none."""
        if request.path != PATH or request.method != "GET":
            return Reply(status=404, body={"error": "not_found"})
        if request.headers.get("metadata") != "true" or "x-forwarded-for" in request.headers:
            return _refused("Required metadata header not specified")
        if not {"api-version", "resource"} <= request.query.keys():
            return _refused("A parameter is missing")
        with self._place.store.lock:
            identity = self._place.store.find(request.query.get("msi_res_id", ""))
            if identity is None or not self._is_on_a_vm(identity):
                return _refused("Identity not found")
            principal = str(identity.body["properties"]["principalId"])
        text, ends_s = f"metadata-{uuid.uuid4().hex}", time.time() + self._login.life_s
        self._login.tokens[text] = Token(audience=request.query["resource"], object_id=principal, ends_s=ends_s)
        return Reply(status=200, body={"access_token": text, "token_type": "Bearer", "expires_on": str(int(ends_s))})

    def _is_on_a_vm(self, identity: Held) -> bool:
        vms = (vm.body.get("identity") or {} for vm in self._place.store.of_type(compute.VM))
        return any(is_same(one, identity.id) for vm in vms for one in vm.get("userAssignedIdentities") or ())


def _refused(words: str) -> Reply:
    return Reply(status=400, body={"error": "invalid_request", "error_description": words})
