"""What is rotated, as lines before and as rows after.

Takes names with their types, gives lines and a table; never values.
"""

from collections.abc import Mapping, Sequence

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model.report import Table
from director.report import time_words


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedSecret:
    """A secret with the version that it has now, when it expires (None: never), the deployments that were deployed, and
    the instances that refuse the former value.
    """

    name: str
    type: str
    version: int | None
    ends_at: float | None = None
    deployments: Sequence[str] = ()
    refused_by: Sequence[str] = ()


def rotation_lines(
    kinds: Mapping[str, str], uses: Mapping[str, Sequence[str]], *, is_continued: bool
) -> tuple[str, ...]:
    """What will be rotated, a line for each, and which deployments use it. `kinds` say by whole names what each is."""
    verb = "Continues to rotate" if is_continued else "Rotates"
    lines = [f"  {name} ({kind}), used by {', '.join(uses[name])}" for name, kind in kinds.items()]
    return (f"{verb} {len(kinds)} secret{'' if len(kinds) == 1 else 's'}:", *lines)


def old_value_lines(refused_by: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A line for each former value that nothing accepts any more; without instances nothing could try it."""
    return tuple(
        f"  {name}: the former value is refused by {', '.join(places)}"
        if places
        else f"  {name}: the former value was not tried, as no job checks it"
        for name, places in refused_by.items()
    )


def login_key_lines(name: str, *, is_continued: bool) -> tuple[str, ...]:
    """Before the SSH key of the login is rotated."""
    verb = "Continues to rotate" if is_continued else "Rotates"
    return (f"{verb} {name} (ssh), the login of all VMs.",)


def rotated_table(secrets: Sequence[RotatedSecret]) -> Table:
    """All that was rotated."""
    return Table(
        name="rotated",
        columns=("name", "version", "expires"),
        rows=tuple(_row(each) for each in secrets),
        empty="Nothing to rotate.",
    )


def _row(secret: RotatedSecret) -> Mapping[str, JsonValue]:
    return {
        "name": secret.name,
        "type": secret.type,
        "version": secret.version,
        "expires": None if secret.ends_at is None else time_words.utc_text(secret.ends_at),
        "deployments": list(secret.deployments),
        "refused_by": list(secret.refused_by),
    }
