"""What of its own instance a template looks at: two instances that agree in it get the same text.

Takes a template, gives fields of BOSH's template spec, or None for all of them. In doubt, all of them.
"""

import importlib
import re
from collections.abc import Iterator

from director.render.languages import Language

_BY_JINJA = "director.render.jinja_reads"
"""Imported with the first Jinja template: many plans have none, and Jinja takes long to import."""
_RUBY_END = re.compile(rb"(?<!%)%>")
_RUBY_OWN = re.compile(rb"\b(?:spec|index|name|rand|Random|Time|Date|SecureRandom|send|eval|binding|method|self)\b")
_RUBY_HARMLESS = re.compile(rb"""\.(?:name|index)\b|["'](?:name|index)["']|:(?:name|index)\b|\b(?:name|index):""")


def fields_read(source: str, content: bytes, language: Language) -> frozenset[str] | None:
    """The fields of the spec that the template reads."""
    match language:
        case Language.VERBATIM:
            return frozenset()
        case Language.JINJA:
            fields: frozenset[str] | None = importlib.import_module(_BY_JINJA).fields_read(source, content)
            return fields
        case Language.ERB:
            code = b"\n".join(_ruby_code(content))
            return None if _RUBY_OWN.search(_RUBY_HARMLESS.sub(b"", code)) else frozenset()


def _ruby_code(content: bytes) -> Iterator[bytes]:
    """What stands between ERB's marks, and in doubt more of it: "<%%" is text, and "%%>" ends nothing."""
    for part in content.split(b"<%")[1:]:
        yield _RUBY_END.split(part, maxsplit=1)[0]
