"""What becomes of resources of templates, as the code has it.

Takes the table of properties, gives Markdown.
"""

from collections.abc import Iterator

from director.resolve.templates import property_table
from director.resolve.templates.property_rows import PropertyEffect, PropertyRow

_INTRODUCTION = (
    "Each property of each type that `compleat up TEMPLATE` takes. What is not in these tables is refused before",
    "anything is created: `template-type-refused`, `template-property-refused`. A remark means: it has no effect, and",
    "`plan` says so (`template-property-unused`). Where only some values are listed, others are refused.",
)


def page() -> str:
    """The whole of docs/reference/template-resources.md."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# Resources of templates"
    yield ""
    yield "<!-- Made from director/resolve/templates/property_table.py by `make docs`. Do not edit. -->"
    yield ""
    yield from _INTRODUCTION
    for type_ in property_table.TYPES:
        yield ""
        yield f"## {type_}"
        yield ""
        yield "| property | acted on | |"
        yield "| --- | --- | --- |"
        yield from (_row(row) for row in property_table.TABLE if row.type == type_)
    yield ""
    yield "## Types that are not made"
    yield ""
    yield "These are refused with what to do instead. `compleat template deploy FILE --native` makes those of Azure."
    yield ""
    yield "| type | instead |"
    yield "| --- | --- |"
    yield from (f"| `{type_}` | {words} |" for type_, words in property_table.ELSEWHERE.items())


def _row(row: PropertyRow) -> str:
    only = " or ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in row.only)
    effect = f"only {only}" if only else row.effect.value
    words = "" if only and row.effect is PropertyEffect.ACTED else row.words
    return f"| `{row.path}` | {effect} | {words} |"
