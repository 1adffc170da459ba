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
    sku = change.body.setdefault("sku", {"name": "Standard_LRS"})
    sku["tier"] = str(sku["name"]).partition("_")[0]
    properties = change.body.setdefault("properties", {})
    _check_kind(change, properties)
    endpoint = f"https://{change.name}.blob.core.windows.net/"
    if place.blobs is not None:
        endpoint = place.blobs.open(change.name, _key(change.id, 1))
    if place.blobs is None or place.region.forbids_keys:
        properties["allowSharedKeyAccess"] = False  # as a policy of the kind Modify does
    properties["primaryEndpoints"] = {"blob": endpoint}
    properties["primaryLocation"] = change.body.get("location", "")
    properties["statusOfPrimary"] = "available"


def _check_kind(change: Change, properties: Json) -> None:
    kind, sku = str(change.body.setdefault("kind", "StorageV2")), str(change.body["sku"]["name"])
    if change.old is not None and change.old.body.get("kind") != kind:
        raise Refusal(409, "StorageAccountTypeConversionNotAllowed", "Conversion of the account kind is not allowed.")
    if kind in ("StorageV2", "BlobStorage"):
        properties.setdefault("accessTier", "Hot")
    elif "accessTier" in properties:
        raise Refusal(400, "AccessTierNotSupportedForAccountKind", f"Accounts of kind {kind} have no access tier.")
    if kind == "BlockBlobStorage" and not sku.startswith("Premium"):
        raise Refusal(400, "InvalidAccountType", f"The AccountType {sku} is invalid for the kind {kind}.")


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


def answer_container(place: Place, request: Request, target: Target) -> Reply:
    """Private containers of an account, as the resource manager has them."""
    account = place.store.need(target.id.partition("/blobServices/")[0])
    there = place.containers.setdefault(account.id.lower(), [])
    if target.is_list:
        return Reply(status=200, body={"value": [_container(f"{target.id}/containers", name) for name in there]})
    folder = target.id.rpartition("/")[0]
    is_there = target.name in there
    match request.method:
        case "PUT":
            is_new = place.blobs.make_container(name_of(account.id), target.name) if place.blobs else not is_there
            there += [] if is_there else [target.name]
            return Reply(status=201 if is_new else 200, body=_container(folder, target.name))
        case "DELETE":
            if is_there and place.blobs:
                place.blobs.drop_container(name_of(account.id), target.name)
            there[:] = [name for name in there if name != target.name]
            return Reply(status=200 if is_there else 204)
    if not is_there:
        raise Refusal(404, "ContainerNotFound", "The specified container does not exist.")
    return Reply(status=200, body=_container(folder, target.name))


def _container(folder: str, name: str) -> Json:
    return {"id": f"{folder}/{name}", "name": name, "type": CONTAINER, "properties": {"publicAccess": "None"}}


def forget(place: Place, held: Held) -> None:
    """An account that is gone takes its blobs with it."""
    if str(held.body.get("type")) != ACCOUNT:
        return
    place.containers.pop(held.id.lower(), None)
    if place.blobs is not None:
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
