"""Paths into a template, as Azure Resource Manager writes them, and the pieces that they lead to."""

import pytest

from director.model.documents import Source
from director.text.arm import reading
from director.text.arm.template import nodes

_TEMPLATE = b"""{
 "resources": [
  {"name": "a"},
  {"name": "b", "properties": {"subnets": [{"name": "front"}], "a.b": {"c": 1}}}
 ],
 "symbols": {"vm": {"type": "T"}}
}"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("resources[1].properties.subnets[0].name", "resources[1].properties.subnets[0].name"),
        ("Resources[1].Properties['a.b'].c", "resources[1].properties['a.b'].c"),
        ("resources[1].properties.nowhere.name", "resources[1].properties"),
        ("resources[7].name", "resources"),
        ("symbols.vm.type", "symbols.vm.type"),
        ("symbols[0]", "symbols"),
        ("outputs.x", None),
        ("", None),
        ("...[[", None),
    ],
)
def test_a_path_leads_to_the_nearest_piece(path: str, found: str | None) -> None:
    root = nodes.root_of(reading.read_source(Source(name="t.json", content=_TEMPLATE)))
    node = nodes.find_node(root, path)
    assert (node.json_path if node else None) == found
