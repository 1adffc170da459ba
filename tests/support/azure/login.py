"""A stand-in for Microsoft's sign-in: client secrets and device codes; and the tokens it gave.

Takes requests, gives replies. Secrets live here: `clients` maps an application to the secrets that work.
Source: MicrosoftDocs/entra-docs docs/identity-platform/v2-oauth2-device-code.md, reference-error-codes.md.
"""

import base64
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule

TENANT = "99999999-8888-7777-6666-555555555555"
CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
CLIENT_OBJECT = "33333333-3333-3333-3333-333333333333"
SECRET = "stand-in-secret~1"
USER = "22222222-2222-2222-2222-222222222222"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
_CODE_S = 900
_UNCHECKED: Any = {"verify_aud": False}

ENDINGS: Mapping[str, tuple[str, str]] = {
    "declined": ("authorization_declined", "AADSTS70000: The user declined the request."),
    "expired": ("expired_token", "AADSTS70020: The provided value for the 'device_code' is not valid: it expired."),
    "consent": (
        "invalid_grant",
        f"AADSTS65001: The user or administrator has not consented to use the application with ID '{AZURE_CLI}'.",
    ),
    "policy": ("invalid_grant", "AADSTS53003: Access has been blocked by Conditional Access policies."),
}
"""How a device code may end but well: the error's code and words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The token's principal and audience. `ends_s` is seconds since 1970."""

    audience: str
    object_id: str
    ends_s: float


@dataclass(slots=True, kw_only=True)
class Login:
    """`pending` device polls go unanswered first; `ending` is what then comes, "ok" or one of ENDINGS.

    `unripe` secrets are refused so many times before they work, as new ones are. `objects` are the service principals
    of applications.
    """

    clients: dict[str, set[str]] = field(default_factory=lambda: {CLIENT: {SECRET}})
    objects: dict[str, str] = field(default_factory=lambda: {CLIENT: CLIENT_OBJECT})
    expired: set[str] = field(default_factory=set)
    unripe: dict[str, int] = field(default_factory=dict)
    pending: int = 1
    ending: str = "ok"
    life_s: int = 3600
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Device codes: when they end, and what for."""

    refreshing: set[str] = field(default_factory=set)
    certificates: dict[str, Any] = field(default_factory=dict)
    """The public key of each application's certificate."""

    trusted: dict[str, set[str]] = field(default_factory=dict)
    """Tokens of other identity providers that applications trust."""

    def who(self, header: str, audience: str) -> Token | str:
        """The token of an Authorization header, or how it is of no use: "missing", "audience" or "expired"."""
        token = self.tokens.get(header.removeprefix("Bearer "))
        if token is None:
            return "missing"
        if token.audience != audience:
            return "audience"
        return token if token.ends_s > time.time() else "expired"

    def expire_all(self) -> None:
        """Every token given so far is of yesterday."""
        for text, token in list(self.tokens.items()):
            self.tokens[text] = Token(audience=token.audience, object_id=token.object_id, ends_s=0.0)

    def answer(self, request: Request, _rule: Rule | None) -> Reply:
        """Discovery, device codes and tokens."""
        tenant = request.path.split("/")[1]
        if tenant != TENANT:
            return _error(400, "invalid_tenant", f"AADSTS90002: Tenant '{tenant}' not found.")
        if request.path.endswith("/.well-known/openid-configuration"):
            return Reply(status=200, body=_discovery(request))
        if request.path.endswith("/devicecode"):
            return self._code(request, request.body)
        if request.path.endswith("/token"):
            return self._token(request, request.body)
        return Reply(status=404, body={"error": "not_found"})

    def _code(self, request: Request, asked: dict[str, str]) -> Reply:
        if asked.get("client_id") != AZURE_CLI:
            return _unknown_client(asked.get("client_id", ""))
        code = uuid.uuid4().hex
        self.codes[code] = (time.time() + _CODE_S, asked.get("scope", ""))
        where = f"{request.base}/device"
        words = f"To sign in, use a web browser to open the page {where} and enter the code ABCD1234 to authenticate."
        body = {"user_code": "ABCD1234", "device_code": code, "verification_uri": where, "expires_in": _CODE_S}
        return Reply(status=200, body={**body, "interval": 1, "message": words})

    def _token(self, request: Request, asked: dict[str, str]) -> Reply:
        grant = asked.get("grant_type", "")
        refusal: Reply | None = _error(400, "unsupported_grant_type", f"AADSTS70003: The app requested '{grant}'.")
        if grant == "client_credentials":
            refusal = self._check_client(asked)
        if grant.endswith("device_code"):
            refusal = self._check_code(asked.get("device_code", ""))
        if grant == "refresh_token":
            refusal = None if asked.get("refresh_token") in self.refreshing else _error(400, *ENDINGS["consent"])
        if refusal:
            return refusal
        return Reply(status=200, body=self._give(request, asked, is_person=grant != "client_credentials"))

    def _check_code(self, code: str) -> Reply | None:
        if code not in self.codes:
            return _error(400, "bad_verification_code", "AADSTS70018: The device code is not known.")
        if self.pending > 0:
            self.pending -= 1
            words = "AADSTS70016: The provided request has not yet been authorized by the user."
            return _error(400, "authorization_pending", words)
        ending = "expired" if self.codes[code][0] < time.time() else self.ending
        return _error(400, *ENDINGS[ending]) if ending in ENDINGS else None

    def _check_client(self, asked: dict[str, str]) -> Reply | None:
        client, assertion = asked.get("client_id", ""), asked.get("client_assertion", "")
        if not assertion:
            return self._check_secret(client, asked.get("client_secret", ""))
        if client not in self.clients:
            return _unknown_client(client)
        if assertion in self.trusted.get(client, set()) or self._is_signed(client, assertion):
            return None
        if client in self.certificates:
            words = "AADSTS700027: The certificate used to sign the client assertion is not registered on application."
            return _error(401, "invalid_client", words)
        words = "AADSTS70021: No matching federated identity record found for presented assertion."
        return _error(401, "invalid_request", words)

    def _is_signed(self, client: str, assertion: str) -> bool:
        try:
            jwt.decode(assertion, self.certificates[client], algorithms=["RS256", "PS256"], options=_UNCHECKED)
        except (jwt.InvalidTokenError, KeyError):
            return False
        return True

    def _check_secret(self, client: str, secret: str) -> Reply | None:
        if client not in self.clients:
            return _unknown_client(client)
        wrong = _error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if secret in self.expired:
            words = f"AADSTS7000222: The provided client secret keys for app '{client}' are expired."
            return _error(401, "invalid_client", words)
        if secret not in self.clients[client]:
            return wrong
        if self.unripe.get(secret, 0) > 0:
            self.unripe[secret] -= 1
            return wrong
        if client not in self.objects:
            words = f"AADSTS7000229: The client application {client} is missing service principal in the tenant."
            return _error(401, "invalid_client", words)
        return None

    def _give(self, request: Request, asked: dict[str, str], *, is_person: bool) -> dict[str, Any]:
        now = int(time.time())
        asked_for = asked.get("scope") or self.codes[asked["device_code"]][1]
        wanted = next(one for one in asked_for.split() if one.endswith("/.default"))
        audience = wanted.removesuffix("/.default")
        owner = USER if is_person else self.objects[asked["client_id"]]
        text = _jwt({"aud": audience, "oid": owner, "tid": TENANT, "exp": now + self.life_s, "jti": uuid.uuid4().hex})
        self.tokens[text] = Token(audience=audience, object_id=owner, ends_s=now + self.life_s)
        body: dict[str, Any] = {"token_type": "Bearer", "scope": wanted, "expires_in": self.life_s}
        body |= {"ext_expires_in": self.life_s, "access_token": text}
        if is_person:
            identity: dict[str, Any] = {
                "aud": asked.get("client_id"),
                "iss": f"{request.base}/{TENANT}/v2.0",
                "sub": USER,
            }
            identity |= {"oid": USER, "tid": TENANT, "exp": now + 3600, "iat": now, "nbf": now, "ver": "2.0"}
            body |= {"refresh_token": uuid.uuid4().hex, "client_info": _words({"uid": USER, "utid": TENANT})}
            body["id_token"] = _jwt({**identity, "preferred_username": "op@example.com"})
            self.refreshing.add(body["refresh_token"])
        return body


def _discovery(request: Request) -> dict[str, str]:
    root = f"{request.base}/{TENANT}"
    return {
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "issuer": f"{root}/v2.0",
        "jwks_uri": f"{request.base}/keys",
    }


def _unknown_client(client: str) -> Reply:
    words = f"AADSTS700016: Application with identifier '{client}' was not found in the directory."
    return _error(400, "unauthorized_client", words)


def _error(status: int, code: str, words: str) -> Reply:
    return Reply(status=status, body={"error": code, "error_description": words})


def _words(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _jwt(claims: dict[str, Any]) -> str:
    return f"{_words({'alg': 'none', 'typ': 'JWT'})}.{_words(claims)}.sig"
