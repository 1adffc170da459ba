"""A stand-in for Microsoft's sign-in: client secrets and device codes; and the tokens it gave.

Takes requests, gives replies. Secrets live here: `clients` maps an application to the secrets that work.
"""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any

from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule

TENANT = "99999999-8888-7777-6666-555555555555"
CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SECRET = "stand-in-secret~1"
USER = "22222222-2222-2222-2222-222222222222"


@dataclass(slots=True, kw_only=True)
class Login:
    """`pending` device polls go unanswered first; `ending` is what then comes ("ok", "authorization_declined" ...).

    `unripe` secrets are refused so many times before they work, as new ones are.
    """

    clients: dict[str, set[str]] = field(default_factory=lambda: {CLIENT: {SECRET}})
    unripe: dict[str, int] = field(default_factory=dict)
    pending: int = 1
    ending: str = "ok"
    life_s: int = 3600
    given: set[str] = field(default_factory=set)
    token_count: int = 0

    def is_token(self, header: str) -> bool:
        """Whether an Authorization header carries a token of ours that lives."""
        return header.removeprefix("Bearer ") in self.given

    def answer(self, request: Request, _rule: Rule | None) -> Reply:
        """Discovery, device codes and tokens."""
        if request.path.endswith("/.well-known/openid-configuration"):
            return Reply(status=200, body=_discovery(request))
        if request.path.endswith("/devicecode"):
            where = f"{request.base}/device"
            words = f"To sign in, open {where} and enter the code ABCD1234."
            body = {"user_code": "ABCD1234", "device_code": "DC", "verification_uri": where, "expires_in": 900}
            return Reply(status=200, body={**body, "interval": 1, "message": words})
        if request.path.endswith("/token"):
            return self._token(request, request.body)
        return Reply(status=404, body={"error": "not_found"})

    def _token(self, request: Request, asked: dict[str, str]) -> Reply:
        grant = asked.get("grant_type", "")
        if grant == "client_credentials":
            refusal = self._check_secret(asked.get("client_id", ""), asked.get("client_secret", ""))
            if refusal:
                return refusal
        if grant.endswith("device_code"):
            if self.pending > 0:
                self.pending -= 1
                return _error(400, "authorization_pending", "AADSTS70016: pending")
            if self.ending != "ok":
                return _error(400, self.ending, f"AADSTS: {self.ending}")
        return Reply(status=200, body=self._give(request, asked, is_person=grant != "client_credentials"))

    def _check_secret(self, client: str, secret: str) -> Reply | None:
        if client not in self.clients:
            return _error(400, "unauthorized_client", f"AADSTS700016: Application '{client}' was not found.")
        if secret not in self.clients[client]:
            return _error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if self.unripe.get(secret, 0) > 0:
            self.unripe[secret] -= 1
            return _error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        return None

    def _give(self, request: Request, asked: dict[str, str], *, is_person: bool) -> dict[str, Any]:
        now = int(time.time())
        self.token_count += 1
        claims = {"aud": "https://management.azure.com", "oid": USER, "tid": TENANT, "exp": now + self.life_s}
        token = _jwt({**claims, "jti": self.token_count})
        self.given.add(token)
        body: dict[str, Any] = {"token_type": "Bearer", "scope": asked.get("scope", ""), "expires_in": self.life_s}
        body |= {"ext_expires_in": self.life_s, "access_token": token}
        if is_person:
            identity = {"aud": asked.get("client_id"), "iss": f"{request.base}/{TENANT}/v2.0", "sub": USER}
            identity |= {"oid": USER, "tid": TENANT, "exp": now + 3600, "iat": now, "nbf": now, "ver": "2.0"}
            body |= {"refresh_token": "RT", "client_info": _words({"uid": USER, "utid": TENANT})}
            body["id_token"] = _jwt({**identity, "preferred_username": "op@example.com"})
        return body


def _discovery(request: Request) -> dict[str, str]:
    tenant = request.path.split("/")[1]
    root = f"{request.base}/{tenant}"
    return {
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "issuer": f"{request.base}/{TENANT}/v2.0",
        "jwks_uri": f"{request.base}/keys",
    }


def _error(status: int, code: str, words: str) -> Reply:
    return Reply(status=status, body={"error": code, "error_description": words})


def _words(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _jwt(claims: dict[str, Any]) -> str:
    return f"{_words({'alg': 'none', 'typ': 'JWT'})}.{_words(claims)}.sig"
