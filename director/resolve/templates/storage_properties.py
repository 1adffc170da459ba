"""What becomes of each property of storage accounts and of what is in them.

Takes nothing, gives rows.
"""

from collections.abc import Mapping

from director.resolve.templates import property_rows
from director.resolve.templates.property_rows import PropertyEffect, PropertyRow

ACCOUNT = "Microsoft.Storage/storageAccounts"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
CONTAINER = "Microsoft.Storage/storageAccounts/blobServices/containers"

_ON_AZURE = "on Azure; elsewhere a remark"
_READERS = "keys and permissions decide who reads blobs, not addresses"
_RETENTIONS = ("deleteRetentionPolicy", "containerDeleteRetentionPolicy")
_BLOBS_ALONE = "Remove it: the storage accounts that compleat makes have blobs alone."
ELSEWHERE: Mapping[str, str] = {
    f"{ACCOUNT}/managementPolicies": "Remove it: blobs stay until a user or `compleat down` deletes them.",
    **{
        f"{ACCOUNT}/{service}": _BLOBS_ALONE
        for service in (
            *("fileServices", "fileServices/shares", "queueServices", "queueServices/queues"),
            *("tableServices", "tableServices/tables"),
        )
    },
}
"""Types within an account that compleat does not make, and what to do instead."""

ROWS: tuple[PropertyRow, ...] = (
    *property_rows.rows(
        ACCOUNT,
        property_rows.TAGS,
        ("sku.name", PropertyEffect.ACTED, _ON_AZURE),
        ("sku.tier", PropertyEffect.REMARK, "it follows from the name"),
        ("kind", PropertyEffect.ACTED, f"one that has blobs; {_ON_AZURE}"),
        ("properties.accessTier", PropertyEffect.ACTED, f"Hot or Cool; {_ON_AZURE}"),
        ("properties.allowSharedKeyAccess", PropertyEffect.ACTED, _ON_AZURE),
        ("properties.accountType", PropertyEffect.REFUSED, "write `sku` and `kind`"),
        ("properties.encryption.services.*", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.networkAcls.bypass", PropertyEffect.REMARK, property_rows.HINT),
        (
            "properties.networkAcls.virtualNetworkRules[]",
            PropertyEffect.REFUSED,
            _READERS,
        ),
        (
            "properties.networkAcls.ipRules[]",
            PropertyEffect.REFUSED,
            _READERS,
        ),
    ),
    property_rows.only(ACCOUNT, "properties.supportsHttpsTrafficOnly", True),
    property_rows.only(ACCOUNT, "properties.minimumTlsVersion", "TLS1_2"),
    property_rows.only(ACCOUNT, "properties.allowBlobPublicAccess", False),
    property_rows.only(ACCOUNT, "properties.publicNetworkAccess", "Enabled"),
    property_rows.only(ACCOUNT, "properties.isHnsEnabled", False),
    property_rows.only(ACCOUNT, "properties.encryption.keySource", "Microsoft.Storage"),
    property_rows.only(ACCOUNT, "properties.networkAcls.defaultAction", "Allow", words=_READERS),
    *property_rows.rows(
        BLOBS,
        ("sku.*", PropertyEffect.REMARK, "that of the account"),
        *((f"properties.{name}.days", PropertyEffect.REMARK, property_rows.HINT) for name in _RETENTIONS),
        ("properties.cors.corsRules[]", PropertyEffect.REFUSED, "web pages do not read it"),
    ),
    *(property_rows.only(BLOBS, f"properties.{name}.enabled", False) for name in _RETENTIONS),
    property_rows.only(BLOBS, "properties.isVersioningEnabled", False),
    *property_rows.rows(CONTAINER),
    property_rows.only(CONTAINER, "properties.publicAccess", "None"),
)
