"""The environment's own tags within Azure's limits, and tags laid over each other. Pure.

Takes tags as written, gives them checked. Azure compares names without regard to case.
Source: MicrosoftDocs/azure-docs articles/azure-resource-manager/management/tag-resources.md.
"""

import re
from collections.abc import Iterator, Mapping

from cpi.errors import CloudError
from cpi.support import tags as owner_tags

MOST = 50
"""So many tags a resource takes."""
_OWN = 10
"""So many a plugin of ours puts on some resources beside these: the owner key, and what a stemcell or interface is."""
_LONGEST_NAME, _LONGEST_ACCOUNT_NAME, _LONGEST_VALUE = 512, 128, 256
_FORBIDDEN = re.compile(r"[<>%&\\\\?/\x00-\x1f]")
_RESERVED = ("microsoft", "azure", "windows")


def read_tags(written: Mapping[str, str], *, has_account: bool) -> dict[str, str]:
    """Raises CloudError: tag-name-reserved, azure-tags-invalid (with all that is wrong)."""
    owner_tags.check_environment_tags(written)
    wrong = [*_wrong(written, longest=_LONGEST_ACCOUNT_NAME if has_account else _LONGEST_NAME)]
    if wrong:
        raise CloudError(
            "azure-tags-invalid",
            "Azure does not take the environment's tags.",
            why=" ".join(wrong),
            fix="Correct `tags` in the environment's file.",
        )
    return dict(written)


def merge(*layers: Mapping[str, str]) -> dict[str, str]:
    """All of them; where names differ in nothing but case, the later layer wins."""
    by_name: dict[str, tuple[str, str]] = {}
    for layer in layers:
        by_name |= {name.lower(): (name, value) for name, value in layer.items()}
    return dict(by_name.values())


def check_count(tags: Mapping[str, str], of: str) -> None:
    """Refuse more than a resource takes. Raises CloudError, code azure-too-many-tags."""
    if len(tags) > MOST:
        raise CloudError(
            "azure-too-many-tags",
            f"{of} is to have {len(tags)} tags.",
            why=f"A resource takes {MOST}, the owner key and the environment's own tags among them.",
            fix="Write fewer under `tags` in the environment's file, the manifest or the cloud config.",
        )


def _wrong(written: Mapping[str, str], *, longest: int) -> Iterator[str]:
    if len(written) > MOST - _OWN:
        yield f"{len(written)} tags are more than {MOST - _OWN}: a resource takes {MOST}, and some have {_OWN} already."
    lower = [name.lower() for name in written]
    for name, value in written.items():
        if not name or len(name) > longest:
            yield f"The name '{name[:40]}' has {len(name)} characters, and 1 to {longest} are allowed."
        if _FORBIDDEN.search(name):
            yield f"The name '{name[:40]}' has one of the characters < > % & \\ ? /."
        if name.lower().startswith(_RESERVED):
            yield f"The name '{name[:40]}' begins with a word that Azure reserves: {', '.join(_RESERVED)}."
        if lower.count(name.lower()) > 1:
            yield f"The name '{name[:40]}' is there twice: Azure does not regard case."
        if len(value) > _LONGEST_VALUE:
            yield f"The value of '{name[:40]}' has {len(value)} characters, and {_LONGEST_VALUE} are allowed."
