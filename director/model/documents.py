"""A document that was read, before and after validation.

Takes nothing, gives frozen values.
"""

from dataclasses import field
from typing import Generic, TypeVar

from cpi.contract.value_classes import dataclass
from director.model.secret_ref import Property
from director.model.spans import Spans

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's bytes, already read. `name` is what messages call it: the path as the user gave it."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something written that nothing acts on; `where` is its place."""

    code: str
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says as plain dicts, lists and scalars, and where each piece of it was written.

    After interpolation leaves may be SecretRef or SecretText. Never change the tree: copy it first. `remarks` are about
    parts of the file that are not in the tree; only a document that comes straight from its file has them.
    """

    tree: Property = field(repr=False)
    spans: Spans = field(repr=False)
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDocument(Generic[Model]):
    """A valid document: its model (one of director.model.written), and where each piece of it was written.

    `remarks` name keys of it that the model does not have and BOSH ignores.
    """

    document: Model
    spans: Spans = field(repr=False)
    remarks: tuple[Remark, ...] = ()

    def where(self, *path: str | int) -> str:
        """`file:line:column` of the node that keys and indices lead to, or of its nearest parent."""
        return str(self.spans.at(path))
