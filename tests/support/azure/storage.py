"""Storage accounts and managed identities.

Takes the place and a change, fills it in, refuses as Azure does.
"""

import base64
import re
import uuid

from tests.support.azure.place import Change, Place
from tests.support.azure.store import Json, Refusal, name_of

ACCOUNT = "Microsoft.Storage/storageAccounts"
_NAME = re.compile(r"[a-z0-9]{3,24}")


def put_account(place: Place, change: Change) -> None:
    """A name that is nobody else's in the world."""
    if not _NAME.fullmatch(change.name):
        words = f"{change.name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."  # noqa: E501
        raise Refusal(400, "AccountNameInvalid", words)
    if change.old is None and not check_name(place, change.name)["nameAvailable"]:
        raise Refusal(409, "StorageAccountAlreadyTaken", f"The storage account named {change.name} is already taken.")
    change.body.setdefault("sku", {"name": "Standard_LRS"})["tier"] = "Standard"
    properties = change.body.setdefault("properties", {})
    properties["primaryEndpoints"] = {"blob": f"https://{change.name}.blob.core.windows.net/"}
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
    made = [base64.b64encode(uuid.uuid5(uuid.NAMESPACE_URL, f"{account_id}{n}").bytes * 4).decode() for n in (1, 2)]
    return {"keys": [{"keyName": f"key{n}", "value": key, "permissions": "FULL"} for n, key in enumerate(made, 1)]}


def put_identity(place: Place, change: Change) -> None:
    """An identity with ids of its own."""
    properties = change.body.setdefault("properties", {})
    properties["clientId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, change.id))
    properties["principalId"] = str(uuid.uuid5(uuid.NAMESPACE_OID, change.id))
    properties["tenantId"] = str(uuid.UUID(int=1))
