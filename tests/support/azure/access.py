"""Who may do what at the stand-in: a token that lives, and for principals made by Graph a role on the scope.

Takes the place, the sign-in and a request, refuses it or does nothing.
"""

import fnmatch

from tests.support.azure.answers import Request
from tests.support.azure.login import Login, Token
from tests.support.azure.place import Place
from tests.support.azure.store import Json, Refusal, name_of

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ROLES = {"Owner": OWNER, "Contributor": CONTRIBUTOR, "Reader": READER}
_ACTIONS: dict[str, Json] = {
    OWNER: {"actions": ["*"], "notActions": []},
    CONTRIBUTOR: {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]},
    READER: {"actions": ["*/read"], "notActions": []},
}
DEFINITION = "Microsoft.Authorization/roleDefinitions"
_WORDS = {
    "missing": ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."),
    "audience": ("InvalidAuthenticationTokenAudience", "The access token is for another audience."),
    "expired": ("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."),
}


def check(place: Place, login: Login, request: Request) -> str:
    """Refuse a request without a fit token with 401, one without a role with 403; gives who asks."""
    token = login.who(request.headers.get("authorization", ""), request.base)
    if not isinstance(token, Token):
        raise Refusal(401, *_WORDS[token])
    if not _is_made(place, token.object_id):
        return token.object_id  # a person, or the principal that was there from the start: they may do everything
    held = [one for one in _roles(place, token.object_id) if _holds(place, one, request)]
    if held and place.region.unripe_roles.get(token.object_id, 0) > 0:
        place.region.unripe_roles[token.object_id] -= 1
        held = []
    if not held:
        words = f"The client with object id '{token.object_id}' does not have authorization to perform action "
        raise Refusal(403, "AuthorizationFailed", f"{words}'{request.method}' over scope '{request.path}'.")
    return token.object_id


def check_locks(place: Place, request: Request) -> None:
    """Refuse with 409 what a lock at the path's scope or above forbids: every change, or to delete alone."""
    path = f"{request.path}/".lower()
    if request.method in ("GET", "HEAD"):
        return
    for scope, level in place.region.locks.items():
        if path.startswith(f"{scope}/".lower()) and (level == "ReadOnly" or request.method == "DELETE"):
            doing = "delete" if request.method == "DELETE" else "write"
            words = (
                f"The scope '{request.path}' cannot perform {doing} operation because following scope(s) are locked: "
            )
            raise Refusal(409, "ScopeLocked", f"{words}'{scope}'. Please remove the lock and try again.")


def permissions(place: Place, object_id: str, scope: str) -> list[Json]:
    """What Azure says somebody may do at a scope."""
    if not _is_made(place, object_id):
        return [{"actions": place.region.actions, "notActions": place.region.not_actions}]
    held = [name_of(one["roleDefinitionId"]) for one in _roles(place, object_id) if _is_within(scope, one)]
    return [_actions_of(place, kind) for kind in held]


def definitions(place: Place) -> dict[str, str]:
    """Ids of roles by their names: Azure's own, and those that were made."""
    made = place.store.of_type(DEFINITION)
    return {**ROLES, **{each.body["properties"]["roleName"]: name_of(each.id) for each in made}}


def _is_made(place: Place, object_id: str) -> bool:
    """Whether Graph made it, or it is a managed identity: those have what roles give them."""
    identities = place.store.of_type("Microsoft.ManagedIdentity/userAssignedIdentities")
    is_identity = any(each.body["properties"]["principalId"] == object_id for each in identities)
    return is_identity or object_id in place.region.unripe_roles


def _actions_of(place: Place, kind: str) -> Json:
    if kind in _ACTIONS:
        return _ACTIONS[kind]
    made = next(each for each in place.store.of_type(DEFINITION) if name_of(each.id) == kind)
    granted: Json = made.body["properties"]["permissions"][0]
    return granted


def _roles(place: Place, object_id: str) -> list[Json]:
    roles = [each.body["properties"] for each in place.store.of_type("Microsoft.Authorization/roleAssignments")]
    return [one for one in roles if one["principalId"] == object_id]


def _is_within(path: str, role: Json) -> bool:
    return f"{path}/".lower().startswith(f"{role['scope']}/".lower())


def _holds(place: Place, role: Json, request: Request) -> bool:
    is_within = _is_within(request.path, role)
    kind = name_of(role["roleDefinitionId"])
    if kind not in _ACTIONS:
        action, granted = _action(request).lower(), _actions_of(place, kind)["actions"]
        return is_within and any(fnmatch.fnmatchcase(action, str(one).lower()) for one in granted)
    is_writing = request.method not in ("GET", "HEAD")
    is_giving = is_writing and "/microsoft.authorization/" in request.path.lower()
    return is_within and (kind == OWNER or (kind == CONTRIBUTOR and not is_giving) or not is_writing)


def _action(request: Request) -> str:
    """What Azure's roles call a request."""
    verb = {"GET": "read", "HEAD": "read", "DELETE": "delete", "POST": "action"}.get(request.method, "write")
    _, _, inside = request.path.partition("/providers/")
    if not inside:
        under = "/resources" if request.path.endswith("/resources") else ""
        return f"Microsoft.Resources/subscriptions/resourceGroups{under}/{verb}"
    space, *words = inside.split("/")
    return f"{space}/{'/'.join(words[::2])}/{verb}"
