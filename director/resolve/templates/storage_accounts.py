"""Storage accounts of a template with their containers, as landing zones have them.

Takes resources, gives accounts; reports what is wrong with them. What a cloud cannot express of them, it says itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from cpi.contract.landing_parts import AccessTier, AccountKind, StorageAccountSpec
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import pieces, property_table, storage_properties
from director.resolve.templates.pieces import PartPlaces, TemplatePiece, body_of

KIND = "storage_accounts"
_KINDS: Mapping[str, AccountKind] = {kind.lower(): kind for kind in get_args(AccountKind)}
_TIERS: Mapping[str, AccessTier] = {tier.lower(): tier for tier in get_args(AccessTier) if tier}
_SKUS: Mapping[str, str] = {
    sku.lower(): sku
    for sku in (
        *("Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS"),
        *("Premium_LRS", "Premium_ZRS"),
    )
}
_SERVICE = "default"


def read_accounts(
    resources: Sequence[TemplateResource], taken: Sequence[str], *, found: Findings
) -> tuple[StorageAccountSpec, ...]:
    """All of them. Reports: template-value-invalid, template-reference-missing, template-name-taken."""
    accounts = list(_of(resources, storage_properties.ACCOUNT))
    for one in accounts:
        if one.name in taken:
            body_of(one).report_here(
                "template-name-taken",
                f"another template of the environment has a storage account '{one.name}'.",
                found=found,
                why="The account would be that of both templates.",
                fix="Rename the resource.",
            )
    _check_inside(resources, {one.key for one in accounts}, found)
    return tuple(_account(one, resources, found) for one in accounts)


def places_of(resources: Sequence[TemplateResource]) -> PartPlaces:
    """Where each account and container is written."""
    places: dict[tuple[str, ...], TemplatePiece] = {}
    for account in _of(resources, storage_properties.ACCOUNT):
        places[KIND, account.name] = body_of(account)
        for one in _containers(account, resources):
            places[KIND, account.name, "containers", last_word(one)] = body_of(one)
    return places


def last_word(resource: TemplateResource) -> str:
    """The container's own name; its resource has those of account and service before it."""
    return resource.name.rpartition("/")[2]


def _of(resources: Sequence[TemplateResource], type_: str) -> Iterator[TemplateResource]:
    return (one for one in resources if property_table.type_of(one.type) == type_)


def _containers(account: TemplateResource, resources: Sequence[TemplateResource]) -> Iterator[TemplateResource]:
    of_container = _of(resources, storage_properties.CONTAINER)
    return (one for one in of_container if _account_key(one) == account.key)


def _account_key(inside: TemplateResource) -> str:
    return inside.key.partition("/blobservices/")[0]


def _check_inside(resources: Sequence[TemplateResource], known: set[str], found: Findings) -> None:
    for type_ in (storage_properties.BLOBS, storage_properties.CONTAINER):
        for one in _of(resources, type_):
            if _account_key(one) not in known:
                body_of(one).report_here(
                    pieces.MISSING,
                    "its storage account is not in the template.",
                    found=found,
                    fix=f"Add the {storage_properties.ACCOUNT} resource.",
                )
            words = one.name.split("/")
            if len(words) > 1 and words[1].lower() != _SERVICE:
                body_of(one).report_here(
                    pieces.INVALID,
                    f"an account has one blob service, and it is not called '{words[1]}'.",
                    found=found,
                    fix=f"Write '{_SERVICE}'.",
                )


def _account(account: TemplateResource, resources: Sequence[TemplateResource], found: Findings) -> StorageAccountSpec:
    body = body_of(account)
    sku, kind = body.at("sku", "name"), body.at("kind")
    tier, keys = body.at("properties", "accessTier"), body.at("properties", "allowSharedKeyAccess")
    return StorageAccountSpec(
        name=account.name,
        containers=tuple(last_word(one) for one in _containers(account, resources)),
        sku=_SKUS[sku.one_of(tuple(_SKUS), found)] if sku.is_written else "Standard_LRS",
        kind=_KINDS[kind.one_of(tuple(_KINDS), found)] if kind.is_written else "StorageV2",
        access_tier=_TIERS[tier.one_of(tuple(_TIERS), found)] if tier.is_written else "",
        has_keys=keys.flag(found) or not keys.is_written,
    )
