"""What becomes of each property of storage accounts and of what is in them.

Takes nothing, gives rows.
"""

from director.resolve.templates import property_rows
from director.resolve.templates.property_rows import PropertyEffect, PropertyRow

ACCOUNT = "Microsoft.Storage/storageAccounts"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
CONTAINER = "Microsoft.Storage/storageAccounts/blobServices/containers"

_ON_AZURE = "on Azure; elsewhere a remark"
_RETENTIONS = ("deleteRetentionPolicy", "containerDeleteRetentionPolicy")

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
            "who may read a container is up to its keys and permissions",
        ),
        (
            "properties.networkAcls.ipRules[]",
            PropertyEffect.REFUSED,
            "who may read a container is up to its keys and permissions",
        ),
    ),
    property_rows.only(ACCOUNT, "properties.supportsHttpsTrafficOnly", True),
    property_rows.only(ACCOUNT, "properties.minimumTlsVersion", "TLS1_2"),
    property_rows.only(ACCOUNT, "properties.allowBlobPublicAccess", False),
    property_rows.only(ACCOUNT, "properties.publicNetworkAccess", "Enabled"),
    property_rows.only(ACCOUNT, "properties.isHnsEnabled", False),
    property_rows.only(ACCOUNT, "properties.encryption.keySource", "Microsoft.Storage"),
    property_rows.only(ACCOUNT, "properties.networkAcls.defaultAction", "Allow"),
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
