"""What is rotated, as lines before and as rows after.

Takes names with their types, gives lines and a table; never values.
"""

from collections.abc import Mapping, Sequence

from director.model.report import Table
from director.report import time_words


def rotation_lines(
    kinds: Mapping[str, str], uses: Mapping[str, Sequence[str]], *, is_continued: bool
) -> tuple[str, ...]:
    """What will be rotated, a line for each, and which deployments use it. `kinds` say by whole names what each is."""
    verb = "Continues to rotate" if is_continued else "Rotates"
    lines = [f"  {name} ({kind}), used by {', '.join(uses[name])}" for name, kind in kinds.items()]
    return (f"{verb} {len(kinds)} secret{'' if len(kinds) == 1 else 's'}:", *lines)


def rotated_table(
    types: Mapping[str, str],
    uses: Mapping[str, Sequence[str]],
    *,
    versions: Mapping[str, int],
    ends: Mapping[str, float],
) -> Table:
    """Each with the version that it has now, when it expires, and the deployments that were deployed."""
    rows = tuple(
        {
            "name": name,
            "type": type_,
            "version": versions.get(name),
            "expires": time_words.utc_text(ends[name]) if name in ends else None,
            "deployments": list(uses[name]),
        }
        for name, type_ in types.items()
    )
    return Table(
        name="rotated",
        columns=("name", "version", "expires"),
        rows=rows,
        empty="Nothing to rotate.",
    )
