"""Bodies of storage accounts that templates add, and what their answers say. Pure.

Takes resources, gives JSON; takes JSON, gives the lines of settings and the variables that name an account.
"""

from collections.abc import Mapping
from typing import Any

from cpi.contract.landing_parts import StorageAccountSpec
from cpi.contract.values import LandingResource
from cpi.kit import blob_accounts

Json = Mapping[str, Any]
_PART = "compleat-part"
_KEYS = "compleat-keys"
_OFF = "off"


def body_of(resource: LandingResource) -> dict[str, Any]:
    """Beside location and tags."""
    asked = resource.properties
    tier = asked["access_tier"] or ("Hot" if asked["kind"] in blob_accounts.TIERED else "")
    return {
        "sku": {"name": asked["sku"]},
        "kind": asked["kind"],
        "properties": {
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "allowBlobPublicAccess": False,
            "allowSharedKeyAccess": asked["has_keys"],
            **({"accessTier": tier} if tier else {}),
        },
    }


def part_tags(resource: LandingResource) -> dict[str, str]:
    """What tells one from the environment's own account, and whether its keys are to work."""
    return {_PART: blob_accounts.ACCOUNT, _KEYS: "on" if resource.properties["has_keys"] else _OFF}


def is_of_template(account: Json) -> bool:
    """Whether an account of the environment is one that a template adds."""
    return (account.get("tags") or {}).get(_PART) == blob_accounts.ACCOUNT


def entries_there(account: Json) -> tuple[str, ...]:
    """The settings of what Azure has, as planned ones are written.

    A policy of the subscription may turn keys off whatever the template says: what was requested last is compared, so
    that the next plan does not try it again.
    """
    properties: Json = account.get("properties") or {}
    spec = StorageAccountSpec(
        name=str(account["name"]),
        sku=str((account.get("sku") or {}).get("name", "")),
        kind=account.get("kind", ""),
        access_tier=properties.get("accessTier") or "",
        has_keys=(account.get("tags") or {}).get(_KEYS) != _OFF,
    )
    return blob_accounts.account_lines(spec)


def outputs(account: Json) -> Mapping[str, str]:
    """Variables."""
    name = str(account["name"])
    ends = (account.get("properties") or {}).get("primaryEndpoints") or {}
    return blob_accounts.variables(name, name, str(ends.get("blob", "")))
