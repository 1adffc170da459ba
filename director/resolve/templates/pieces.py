"""A piece of a template's resource with its place.

Takes a resource, gives cursors into its body; what is wrong with a value is reported with its place.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from director.model.spans import Path
from director.model.template_resources import LaterValue, SecureValue, TemplateResource, TemplateValue
from director.resolve.findings import Findings

INVALID = "template-value-invalid"
MISSING = "template-reference-missing"
_DIGITS = re.compile(r"-?[0-9]{1,9}")
_FLAGS = {"true": True, "false": False}


class TemplatePiece(NamedTuple):
    """`path` leads to `value` from the resource's body; both are empty for what is not written."""

    resource: TemplateResource
    value: TemplateValue
    path: Path = ()

    @property
    def where(self) -> str:
        """`file:line:column`."""
        return self.resource.where(self.path)

    @property
    def json_path(self) -> str:
        """The way to it from the template's root."""
        return f"{self.resource.json_path}.{self.title}" if self.path else self.resource.json_path

    @property
    def title(self) -> str:
        """The way to it as templates have it: properties.subnets[0].name."""
        return path_text(self.path)

    @property
    def is_written(self) -> bool:
        """Whether there is something."""
        return self.value is not None

    def at(self, *steps: str) -> "TemplatePiece":
        """The member that names lead to, whatever their case; a piece without a value where there is none."""
        found = self
        for step in steps:
            found = found._member(step)
        return found

    def elements(self) -> Iterator["TemplatePiece"]:
        """All elements of an array; nothing if it is none."""
        if isinstance(self.value, list | tuple):
            for index, value in enumerate(self.value):
                yield TemplatePiece(self.resource, value, (*self.path, index))

    def members(self) -> Iterator[tuple[str, "TemplatePiece"]]:
        """All members of an object; nothing if it is none."""
        if isinstance(self.value, Mapping):
            for name, value in self.value.items():
                yield name, TemplatePiece(self.resource, value, (*self.path, name))

    def text(self, found: Findings) -> str:
        """A string, "" where there is none; a number is its digits, as Azure's services read it.

        Reports: template-value-invalid.
        """
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        if self.is_written and not isinstance(self.value, LaterValue | SecureValue):
            self.report_here(INVALID, f"{self.title} must be a string.", found=found, fix="Write it in quotes.")
        return ""

    def whole(self, found: Findings) -> int | None:
        """A whole number, None where there is none; digits in quotes are one, as Azure's services read them.

        Reports: template-value-invalid.
        """
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        if isinstance(self.value, str) and _DIGITS.fullmatch(self.value):
            return int(self.value)
        if self.is_written and not isinstance(self.value, LaterValue | SecureValue):
            self.report_here(INVALID, f"{self.title} must be a whole number.", found=found, fix="Write digits.")
        return None

    def flag(self, found: Findings) -> bool:
        """True or false, the latter where there is none; the words in quotes are these, as Azure's services read them.

        Reports: template-value-invalid.
        """
        if isinstance(self.value, str) and self.value.lower() in _FLAGS:
            return _FLAGS[self.value.lower()]
        if self.is_written and not isinstance(self.value, bool | LaterValue | SecureValue):
            self.report_here(
                INVALID, f"{self.title} must be true or false.", found=found, fix="Write it without quotes."
            )
        return self.value is True

    def one_of(self, known: Sequence[str], found: Findings) -> str:
        """One of the words, in small letters; the first where it is none. Reports: template-value-invalid."""
        text = self.text(found).lower()
        if text in known:
            return text
        what, fix = f"'{text}' is not a value of {self.title}.", f"Write one of: {', '.join(known)}."
        self.report_here(INVALID, what, found=found, fix=fix)
        return known[0]

    def report_missing(self, type_: str, found: Findings) -> None:
        """Add the problem of an id that names no resource of the template."""
        if not self.is_written or isinstance(self.value, str):
            self.report_here(
                MISSING,
                f"{self.title} names no resource of the type {type_} in the template: '{self.value or ''}'.",
                found=found,
                why="compleat makes what the template has, and uses nothing that is outside of it.",
                fix="Add the resource to the template, or correct the id.",
            )

    def report_here(self, code: str, what: str, *, found: Findings, why: str = "", fix: str) -> None:
        """Add a problem of this piece."""
        why = why or f"It is at {self.json_path}."
        found.report(code, f"{self.resource.title}: {what}", why=why, fix=fix, where=self.where)

    def _member(self, name: str) -> "TemplatePiece":
        if isinstance(self.value, Mapping):
            wanted = name.lower()
            for key, value in self.value.items():
                if key.lower() == wanted:
                    return TemplatePiece(self.resource, value, (*self.path, key))
        return TemplatePiece(self.resource, None, (*self.path, name))


PartPlaces = Mapping[tuple[str, ...], TemplatePiece]
"""Pieces of the template by the way to what they became: ("security_groups", "web", "rules", "ssh")."""


def body_of(resource: TemplateResource) -> TemplatePiece:
    """The whole body."""
    return TemplatePiece(resource, resource.body)


def path_text(path: Path) -> str:
    """A path as templates have it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
