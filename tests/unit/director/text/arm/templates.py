"""Templates of the tests: text to what it expands to.

Takes text or a tree, gives expansions and values.
"""

import json
from collections.abc import Mapping

from director.model.documents import Document, Source
from director.text.arm import json_text
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import expansion
from director.text.arm.template.expansion import Expansion
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.values import Value

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def document(text: str, name: str = "template.json") -> Document:
    """Read a JSON text."""
    return json_text.read_document(Source(name=name, content=text.encode()))


def template(**sections: object) -> str:
    """The text of a template that has these sections; it has no resources unless they are given."""
    return json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [], **sections}, indent=1)


def resource(name: str, **members: object) -> Mapping[str, object]:
    """A resource that means nothing."""
    return {"type": "A.B/c", "apiVersion": "1", "name": name, **members}


def expand(text: str, surroundings: Surroundings | None = None, **values: Value) -> Expansion:
    """Expand a template with values of its parameters."""
    given = tuple(GivenParameter(name=name, value=value) for name, value in values.items())
    request = expansion.ExpandRequest(
        document=document(text), surroundings=surroundings or Surroundings(), parameters=given
    )
    return expansion.expand(request)


def outputs(found: Expansion) -> dict[str, Value]:
    """The values of the outputs by name."""
    return {each.name: each.value for each in found.root.outputs}


def value_of(expression: str, **sections: object) -> Value:
    """The value of an expression, as an output has it; whatever is wrong fails the test."""
    found = expand(template(outputs={"it": {"type": "object", "value": {"in": expression}}}, **sections))
    assert [str(each) for each in found.problems] == []
    inside = outputs(found)["it"]
    assert isinstance(inside, dict)
    return inside["in"]


def errors_of(expression: str, **sections: object) -> list[str]:
    """What is wrong with an expression."""
    found = expand(template(outputs={"it": {"type": "object", "value": {"in": expression}}}, **sections))
    return [each.what for each in found.problems]


def whats(found: Expansion) -> list[str]:
    """What is wrong with a template."""
    return [each.what for each in found.problems]


def names(found: Expansion) -> list[object]:
    """The names of all resources, in order."""
    return [each.instance.name for each in expansion.each_resource(found.root)]
