"""Revisions of a deployment as rows of a table, and what differs between two as lines.

Takes revisions and differences, gives rows and text.
"""

from collections.abc import Mapping, Sequence

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model import as_data
from director.model.counting import count_text
from director.model.tasks.caller import Caller
from director.model.tasks.plan import ManifestDifference
from director.report import plan_text, task_rows

_NO_DIFFERENCES = "No differences."


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A manifest that was deployed: by the task `number`, whose run ended at `at`. `caller` is None where unknown."""

    number: int
    at: float
    manifest: str
    caller: Caller | None


def revision_row(
    revision: Revision, *, is_current: bool, differences: Sequence[ManifestDifference] | None
) -> Mapping[str, JsonValue]:
    """One row; `differences` are those from the revision before, None where there is none before it."""
    return {
        "revision": revision.number,
        "deployed_at": task_rows.time_text(revision.at),
        "user": revision.caller.who.partition(" (pid ")[0] if revision.caller else "",
        "state": "current" if is_current else "",
        "changes": _changes_text(differences),
        "command": revision.caller.command if revision.caller else "",
    }


def difference_lines(differences: Sequence[ManifestDifference]) -> tuple[str, ...]:
    """Each value, old -> new."""
    return plan_text.difference_lines(differences) or (_NO_DIFFERENCES,)


def difference_json(
    deployment: str, differences: Sequence[ManifestDifference], *, before: int | None, after: int | None
) -> Mapping[str, JsonValue]:
    """The same; `before` and `after` are revisions, None for the deployed manifest and for a file."""
    return {
        "schema": "compleat.diff/1",
        "deployment": deployment,
        "from_revision": before,
        "to_revision": after,
        "differences": [as_data.encode(each) for each in differences],
    }


def _changes_text(differences: Sequence[ManifestDifference] | None) -> str:
    """Short: the first value by its path, and how many more."""
    if differences is None:
        return "first deploy"
    if not differences:
        return "order or comments alone"
    first, more = differences[0], len(differences) - 1
    name = f"{first.group}: {first.path}" if first.group else first.path
    return f"{name}, and {count_text(more, 'more value')}" if more else name
