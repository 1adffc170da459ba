"""The environment's own tags within Azure's limits, and tags laid over each other. Pure.

Takes tags as written, gives them checked. Azure compares names without regard to case.
Source: MicrosoftDocs/azure-docs articles/azure-resource-manager/management/tag-resources.md.
"""

import re
from collections.abc import Iterator, Mapping

from cpi.contract.errors import CloudError
from cpi.kit import tag_limits
from cpi.kit import tags as owner_tags
from cpi.kit.tag_limits import TagLimits

LIMITS = TagLimits(
    cloud="Azure",
    most=50,
    longest_name=512,
    longest_value=256,
    forbidden=re.compile(r"[<>%&\\?/\x00-\x1f]"),
    allowed="everything but < > % & \\ ? / and control characters",
    reserved=("microsoft", "azure", "windows"),
)
"""Of a virtual machine, a disk and most others."""
_OWN = 10
"""Tags that the plugin itself puts on resources: the owner key, and the kind of a stemcell or interface."""
_LONGEST_ACCOUNT_NAME = 128


def read_tags(written: Mapping[str, str], *, has_account: bool) -> dict[str, str]:
    """Raises CloudError: tag-name-reserved, tags-invalid (with all that is wrong)."""
    owner_tags.check_environment_tags(written)
    wrong = [*_wrong(written, longest=_LONGEST_ACCOUNT_NAME if has_account else LIMITS.longest_name)]
    if wrong:
        raise CloudError(
            "tags-invalid",
            "Azure does not accept the environment's tags.",
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


def check_count(tags: Mapping[str, str]) -> None:
    """Refuse more than a resource takes. Raises CloudError, code too-many-tags."""
    if len(tags) > LIMITS.most:
        raise tag_limits.too_many(len(tags), LIMITS)


def _wrong(written: Mapping[str, str], *, longest: int) -> Iterator[str]:
    if len(written) > LIMITS.most - _OWN:
        most = LIMITS.most
        yield f"{len(written)} tags exceed {most - _OWN}: a resource can have {most}, and some already have {_OWN}."
    lower = [name.lower() for name in written]
    for name, value in written.items():
        if not name or len(name) > longest:
            yield f"The name '{name[:40]}' has {len(name)} characters; 1 to {longest} are allowed."
        if LIMITS.forbidden.search(name):
            yield f"The name '{name[:40]}' contains one of the characters < > % & \\ ? /."
        if name.lower().startswith(LIMITS.reserved):
            yield f"The name '{name[:40]}' begins with a word that Azure reserves: {', '.join(LIMITS.reserved)}."
        if lower.count(name.lower()) > 1:
            yield f"The name '{name[:40]}' occurs twice: Azure ignores case."
        if len(value) > LIMITS.longest_value:
            yield f"The value of '{name[:40]}' has {len(value)} characters; {LIMITS.longest_value} are allowed."
