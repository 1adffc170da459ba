"""A template with what is given for it: no part of the template language is needed to say that.

Takes nothing, gives values.
"""

from collections.abc import Callable
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.documents import Source
from director.text.arm.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenText:
    """A parameter's value as text; `is_argument` says that it was itself on the command line, not in a file."""

    name: str
    text: str = field(repr=False)
    is_argument: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRequest:
    """A template with what is given for it. `texts` are those of the command line, later ones win.

    `read_link` gives the file at the address of a linked template, None if it is not to be read. `folder` is where
    paths in the template are meant from.
    """

    template: Source
    parameter_files: tuple[Source, ...] = ()
    texts: tuple[GivenText, ...] = ()
    surroundings: Surroundings
    read_link: Callable[[str], Source | None]
    secret_of: Callable[[str], str | None]
    folder: str = ""
