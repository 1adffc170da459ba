"""Storage accounts that templates add, judged by what a cloud can express. Pure.

Takes an account and a cloud's abilities, gives findings that name it.
Source: MicrosoftDocs/azure-docs articles/azure-resource-manager/management/resource-name-rules.md.
"""

import re
from collections import Counter
from collections.abc import Iterator

from cpi.contract.landing_parts import StorageAccountSpec
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import Finding
from cpi.kit.judge import part_abilities
from cpi.kit.judge.part_abilities import PartAbilities

ACCOUNTS = "storage_accounts"
_NAME = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?=.{3,63}\Z)[a-z0-9](-?[a-z0-9])*")


def of_account(account: StorageAccountSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    path = (ACCOUNTS, account.name)
    if not _NAME.fullmatch(account.name):
        what = f"'{account.name}' is not a valid name of a storage account."
        yield part_abilities.invalid(path, what, why="It has 3 to 24 characters of a-z and 0-9.")
    if account.access_tier and account.kind not in ("StorageV2", "BlobStorage"):
        what = f"Storage account '{account.name}' cannot have the accessTier {account.access_tier}."
        yield part_abilities.invalid(path, what, why=f"Accounts of the kind {account.kind} have none.")
    for container, count in Counter(account.containers).items():
        inside = (*path, "containers", container)
        if not _CONTAINER.fullmatch(container):
            what = f"'{container}' is not a valid name of a container."
            why = "It has 3 to 63 characters of a-z, 0-9 and single hyphens, and begins and ends with none."
            yield part_abilities.invalid(inside, what, why=why)
        if count > 1:
            what = f"Storage account '{account.name}' has two of container '{container}'."
            yield part_abilities.invalid(inside, what, why="A name is unique.")
    plain = StorageAccountSpec(name=account.name, containers=account.containers)
    if not abilities.has_account_settings and account != plain:
        yield _settings_unused(path, abilities)


def _settings_unused(path: tuple[str, ...], abilities: PartAbilities) -> PartFinding:
    finding = Finding(
        code=part_abilities.UNUSED,
        what=f"{abilities.cloud} does not act on sku, kind, accessTier and allowSharedKeyAccess of storage account "
        f"'{path[-1]}'.",
        why="They are choices of Azure's own service; here the cloud stores blobs as it does for all.",
        fix="No action needed, unless the template relies on it.",
        is_fatal=False,
    )
    return PartFinding(path=path, finding=finding)
