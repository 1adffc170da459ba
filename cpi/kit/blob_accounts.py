"""Storage accounts that templates add, as resources of a landing zone: one for each account, one for each container.

Takes specs, gives resources with the names of both, and the variables by which manifests know an account. Pure.
"""

from collections.abc import Iterator, Mapping

from cpi.contract.landing_parts import StorageAccountSpec
from cpi.contract.values import LandingResource, LandingSpec

ACCOUNT = "blob_account"
CONTAINER = "blob_container"
"""The kinds; the landing zone's own storage for packages has another, so that neither is taken for the other."""


TIERED = ("StorageV2", "BlobStorage")
"""Kinds of accounts that have an access tier."""


def resources(
    spec: LandingSpec, *, after: tuple[str, ...] = (), has_settings: bool = False
) -> Iterator[LandingResource]:
    """Each account, then its containers. `has_settings`: the cloud has the settings, and changes them."""
    for account in spec.storage_accounts:
        yield LandingResource(
            kind=ACCOUNT,
            name=account.name,
            after=after,
            properties={
                "sku": account.sku,
                "kind": account.kind,
                "access_tier": account.access_tier,
                "has_keys": account.has_keys,
            },
            entries=account_lines(account) if has_settings else None,
        )
        for container in account.containers:
            yield LandingResource(kind=CONTAINER, name=container_name(account, container), after=(account.name,))


def account_lines(account: StorageAccountSpec) -> tuple[str, ...]:
    """A line for each setting."""
    tier = (f"tier {account.access_tier or 'Hot'}",) if account.kind in TIERED else ()
    return (f"sku {account.sku}", f"kind {account.kind}", *tier, f"keys {'on' if account.has_keys else 'off'}")


def container_name(account: StorageAccountSpec, container: str) -> str:
    """The plan's name of a container."""
    return f"{account.name}/{container}"


def split(name: str) -> tuple[str, str]:
    """The account and the container that a container's name means."""
    account, _, container = name.partition("/")
    return account, container


def variables(name: str, own: str, url: str) -> Mapping[str, str]:
    """What manifests know an account by: the cloud's name of it, and where its blobs are."""
    return {f"{name}_storage_account": own, f"{name}_storage_url": url}
