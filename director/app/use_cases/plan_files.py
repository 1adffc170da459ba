"""A stored plan as a file that people and pipelines read, pass on and deploy.

Takes stored plans, gives text; reads it back from unchecked bytes. The plan itself stays in the state: the file names
it by id and digest, and what it shows of the plan must be what the state has.
"""

import json
from collections.abc import Mapping

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Source
from director.model.tasks.stored_plan import StoredPlan
from director.report import as_json

_SCHEMA = "compleat.plan-file/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """`document` is all of the file `name`, `number` the id of the stored plan that it names."""

    name: str
    number: int
    document: Mapping[str, object]


def write_plan_file(stored: StoredPlan) -> str:
    """The file's text. It has no secrets, only their names."""
    return json.dumps(as_json.plan_file_json(stored), indent=2) + "\n"


def read_plan_file(source: Source) -> PlanFile | None:
    """The file; None for what is none, as a manifest. Raises InputError: plan-file-version, plan-file-damaged."""
    if not source.content.lstrip().startswith(b"{"):
        return None
    try:
        document = json.loads(source.content)
    except (ValueError, RecursionError):
        return None
    form = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(form, str) or not form.startswith(_SCHEMA.rpartition("/")[0] + "/"):
        return None
    if form != _SCHEMA:
        raise _of_another_version(source.name, form)
    number = document.get("id")
    if not isinstance(number, int) or number < 1:
        raise _damaged(source.name, "It names no id of a plan")
    return PlanFile(name=source.name, number=number, document=document)


def require_same(file: PlanFile, stored: StoredPlan) -> None:
    """Require what the file shows to be the stored plan. Raises InputError, code `plan-file-damaged`."""
    kept = json.loads(write_plan_file(stored))
    if kept != file.document:
        differing = sorted(key for key in {*kept, *file.document} if kept.get(key) != file.document.get(key))
        raise _damaged(file.name, f"It differs from plan {stored.number} of this home in: {', '.join(differing)}")


def _of_another_version(name: str, form: str) -> InputError:
    return InputError(
        "plan-file-version",
        f"The plan {name} was written by another version of compleat.",
        why=f"Its format is {form}; this version reads {_SCHEMA}.",
        fix=f"Write it again with `compleat plan MANIFEST --save {name}`.",
    )


def _damaged(name: str, why: str) -> InputError:
    return InputError(
        "plan-file-damaged",
        f"The plan {name} was changed, or belongs to another home.",
        why=f"{why}. Nothing was created or changed.",
        fix=f"Write it again with `compleat plan MANIFEST --save {name}`, in the home that applies it.",
    )
