"""One operation of an ops file as people wrote it.

Takes nothing, gives types. Plain dataclasses and no pydantic: `interpolate` reads ops files and must start fast; the
structural checks are in text/ops/operations.py. Source: cppforlife/go-patch patch/op_definition.go.
"""

from dataclasses import field
from typing import Literal

from cpi.contract.value_classes import dataclass
from director.model.secret_ref import Property
from director.model.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What to do at `path`. `label` is "operation [0] in ops.yml", `span` where it starts.

    `absent` (only with test) means that nothing may be there. `unused` are keys of it that mean nothing there.
    """

    type: Literal["replace", "remove", "test"]
    path: str
    label: str
    span: Span
    value: Property = field(default=None, repr=False)
    absent: bool = False
    unused: tuple[str, ...] = ()
