"""Which language a template is in, and what it sees. Imports no engine: a plan without Jinja templates needs none.

Takes a template's name and text, gives a language.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.render import properties
from director.render.properties import Links


class Language(Enum):
    JINJA = "jinja"
    ERB = "erb"
    VERBATIM = "verbatim"


def language_of(name: str, content: bytes) -> Language:
    """A name that ends with .j2 is Jinja; else a text with `<%` is ERB; anything else is copied as it is."""
    if name.endswith(".j2"):
        return Language.JINJA
    return Language.ERB if b"<%" in content else Language.VERBATIM


def language_of_monit(content: bytes) -> Language:
    """A monit file has no name to go by: `<%` is ERB, `{{` or `{%` is Jinja."""
    if b"<%" in content:
        return Language.ERB
    return Language.JINJA if b"{{" in content or b"{%" in content else Language.VERBATIM


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateContext:
    """What the templates of one job see."""

    spec: Mapping[str, JsonValue] = field(repr=False)
    properties: Mapping[str, JsonValue] = field(repr=False)
    links: Links = field(repr=False)

    def names(self) -> dict[str, object]:
        """The names a Jinja template may use."""
        own = properties.Properties(values=self.properties)
        return {
            "name": self.spec.get("name"),
            "index": self.spec.get("index"),
            "spec": self.spec,
            "properties": self.properties,
            "p": own.p,
            "has_p": own.has_p,
            "if_p": own.if_p,
            "link": self.links.link,
            "has_link": self.links.has_link,
            "if_link": self.links.if_link,
        }
