"""Storage accounts, their containers, and managed identities.

Takes the place and a change, fills it in, refuses as Azure does.
"""

import base64
import re
import uuid

from tests.support.azure.answers import Reply, Request, Target
from tests.support.azure.place import Change, Place
from tests.support.azure.store import Held, Json, Refusal, name_of

ACCOUNT = "Microsoft.Storage/storageAccounts"
CONTAINER = f"{ACCOUNT}/blobServices/containers"
_NAME = re.compile(r"[a-z0-9]{3,24}")


def put_account(place: Place, change: Change) -> None:
    """A globally unique name."""
    if not _NAME.fullmatch(change.name):
        words = f"{change.name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."  # noqa: E501
        raise Refusal(400, "AccountNameInvalid", words)
    if change.old is None and not check_name(place, change.name)["nameAvailable"]:
        raise Refusal(409, "StorageAccountAlreadyTaken", f"The storage account named {change.name} is already taken.")
    change.body.setdefault("sku", {"name": "Standard_LRS"})["tier"] = "Standard"
    properties = change.body.setdefault("properties", {})
    endpoint = f"https://{change.name}.blob.core.windows.net/"
    if place.blobs is not None:
        endpoint = place.blobs.open(change.name, _key(change.id, 1))
    if place.blobs is None or place.region.forbids_keys:
        properties["allowSharedKeyAccess"] = False  # as a policy of the kind Modify does
    properties["primaryEndpoints"] = {"blob": endpoint}
    properties["primaryLocation"] = change.body.get("location", "")
    properties["statusOfPrimary"] = "available"


def check_name(place: Place, name: str) -> Json:
    """As checkNameAvailability answers."""
    if not _NAME.fullmatch(name):
        return {
            "nameAvailable": False,
            "reason": "AccountNameInvalid",
            "message": f"{name} is not a valid storage account name.",
        }
    names = {name_of(held.id).lower() for held in place.store.of_type(ACCOUNT)}
    if name in names | place.region.taken_accounts:
        return {
            "nameAvailable": False,
            "reason": "AlreadyExists",
            "message": f"The storage account named {name} is already taken.",
        }
    return {"nameAvailable": True}


def keys(account_id: str) -> Json:
    """Two keys that follow from the id."""
    return {"keys": [{"keyName": f"key{n}", "value": _key(account_id, n), "permissions": "Full"} for n in (1, 2)]}


def put_container(place: Place, request: Request, target: Target) -> Reply:
    """Make a private container, or find it there."""
    account = place.store.need(target.id.partition("/blobServices/")[0])
    if request.method != "PUT" or place.blobs is None:
        raise Refusal(
            501, "NotImplemented", "The stand-in makes containers, where something serves blobs, and no more."
        )
    is_new = place.blobs.make_container(name_of(account.id), target.name)
    body = {"id": target.id, "name": target.name, "type": CONTAINER, "properties": {"publicAccess": "None"}}
    return Reply(status=201 if is_new else 200, body=body)


def forget(place: Place, held: Held) -> None:
    """An account that is gone takes its blobs with it."""
    if place.blobs is not None and str(held.body.get("type")) == ACCOUNT:
        place.blobs.close(name_of(held.id))


def put_identity(place: Place, change: Change) -> None:
    """An identity with ids of its own."""
    properties = change.body.setdefault("properties", {})
    properties["clientId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, change.id))
    properties["principalId"] = str(uuid.uuid5(uuid.NAMESPACE_OID, change.id))
    properties["tenantId"] = str(uuid.UUID(int=1))
    if change.old is None:
        place.region.unknown_principals[properties["principalId"]] = 1  # for a moment, to those that assign roles


def _key(account_id: str, number: int) -> str:
    made = uuid.uuid5(uuid.NAMESPACE_URL, f"{account_id.lower()}{number}").bytes * 4
    return base64.b64encode(made).decode()
