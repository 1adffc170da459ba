"""The known answers of the template language: values, errors, and public templates with what they expand to."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from director.model.documents import Document, Source
from director.text.arm import cases, json_text
from director.text.arm.expressions import parse
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import expansion, parameters
from director.text.arm.template.expansion import ExpandedResource, ExpandRequest, Expansion
from director.text.arm.template.nodes import root_of
from director.text.arm.values import Value
from tests.unit.director.text.arm.templates import document

GOLDEN = Path(__file__).parents[5].parent / "shared" / "golden" / "arm"
TEMPLATES = GOLDEN / "templates"
_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
HERE = Surroundings(subscription_id=_ID, tenant_id=_ID, resource_group="ps-rule-test-rg")

pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="known answers are not here")

REFUSED = {
    "copy-nested-loops": "The resource 'resPolicyDefinitions' is not defined in the template.",
    "nested-inner": "The resource 'flowlogsqgtsehedhutkm' is not defined in the template.",
    "net-vnet-comments": "The resource 'Microsoft.Network/routeTables/route-subnet1'",
}
"""Azure Resource Manager refuses these templates, which their source expands all the same."""


def _read(path: Path) -> Document:
    return json_text.read_document(Source(name=str(path.relative_to(TEMPLATES)), content=path.read_bytes()))


def _is_template(path: Path) -> bool:
    return bool(re.search(rb'"\$schema"[^,]*deploymenttemplate\.json', path.read_bytes()[:2000], re.IGNORECASE))


def test_every_case_gives_its_value_or_its_error() -> None:
    read = cases.read_cases(document((GOLDEN / "expressions.json").read_text(), "expressions.json"))
    outcomes = [cases.run_case(each) for each in read]
    assert [each.name for each in outcomes if each.is_expected is not True] == []
    assert len(outcomes) == 446


def test_a_case_fails_whose_value_or_error_is_another_one() -> None:
    text = """[
        {"id": "value", "expression": "[add(1, 2)]", "expected": 4},
        {"id": "type", "expression": "[equals(1, 1)]", "expected": 1},
        {"id": "error", "expression": "[add(1)]", "error_contains": "no such words"},
        {"id": "no-error", "expression": "[add(1, 2)]", "error_contains": ""}
    ]"""
    outcomes = [cases.run_case(each) for each in cases.read_cases(document(text))]
    assert [each.is_expected for each in outcomes] == [False, False, False, False]


def test_all_templates_are_read_whole_and_each_expression_is_one() -> None:
    folders = {path.relative_to(TEMPLATES).parts[0]: 0 for path in TEMPLATES.glob("*/")}
    for path in sorted(TEMPLATES.rglob("*.json")):
        if path.name == "expected.json":
            continue
        leaves = [str(leaf.value) for leaf in root_of(_read(path)).leaves()]
        if _is_template(path):
            parsed = [parse.parse_expression(leaf) for leaf in leaves if parse.is_expression(leaf)]
            folders[path.relative_to(TEMPLATES).parts[0]] += 1 + len(parsed)
    assert (len(folders), min(folders.values()) > 0) == (78, True)


def test_all_templates_expand_without_a_crash_also_without_their_parameters() -> None:
    found = [
        expansion.expand(ExpandRequest(document=_read(path), surroundings=HERE))
        for path in sorted(TEMPLATES.rglob("*.json"))
        if path.name != "expected.json" and _is_template(path)
    ]
    assert len(found) >= 78
    assert {each.code for one in found for each in one.problems} == {
        *("template-invalid", "template-parameter-invalid", "template-expression-failed")
    }


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in TEMPLATES.glob("*/expected.json")))
def test_a_template_expands_to_what_its_source_states(folder: str) -> None:
    stated = json.loads((TEMPLATES / folder / "expected.json").read_text())
    given: tuple[parameters.GivenParameter, ...] = ()
    if stated["parameters_file"]:
        given = parameters.read_parameter_file(_read(TEMPLATES / folder / stated["parameters_file"]), lambda _: None)
    request = ExpandRequest(
        document=_read(TEMPLATES / folder / stated["template"]), surroundings=HERE, parameters=given
    )
    found = expansion.expand(request)
    assert [each.what for each in found.problems][:1] == [
        what for what in (each.what for each in found.problems) if what.startswith(REFUSED.get(folder, "none"))
    ][:1]
    _require_in_order(found, stated["resources"])


def _require_in_order(found: Expansion, stated: list[dict[str, Any]]) -> None:
    everything = list(expansion.each_resource(found.root))
    waiting = list(stated)
    for each in everything:
        if waiting and _matches(each, waiting[0], everything):
            waiting.pop(0)
    assert waiting == []


def _matches(resource: ExpandedResource, stated: Mapping[str, Any], everything: list[ExpandedResource]) -> bool:
    own: dict[str, Value] = {"name": resource.instance.name, **resource.body}
    plain = {name: value for name, value in stated.items() if name[0] != "#" and name != "type"}
    special = {name: value for name, value in stated.items() if name[0] == "#"}
    is_type = stated.get("type", resource.instance.type).lower() == resource.instance.type.lower()
    return is_type and _includes(own, plain) and all(_has(resource, *each, everything) for each in special.items())


def _includes(value: Value, stated: Any) -> bool:
    if isinstance(stated, dict):
        return isinstance(value, dict) and all(key in value and _includes(value[key], stated[key]) for key in stated)
    if isinstance(stated, list):
        return isinstance(value, list) and all(any(_includes(item, each) for item in value) for each in stated)
    return bool(value == stated)


def _has(resource: ExpandedResource, name: str, stated: Any, everything: list[ExpandedResource]) -> bool:
    if name == "#children":
        return _children(resource, everything) == sorted(stated)
    if name == "#absent":
        return not any(path.split(".")[-1] in _dict(resource.body["properties"]) for path in stated)
    member, _, rest = name[1:].partition("[")
    items = _dict(resource.body["properties"])[member]
    assert isinstance(items, list)
    if not rest:
        return bool(len(items) == stated)
    index, _, path = rest.partition("].")
    item = _dict(items[int(index)])
    found = item.get(path, _dict(item.get("properties", {})).get(path))
    return isinstance(found, str) and found == stated


def _dict(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)
    return value


def _children(resource: ExpandedResource, everything: list[ExpandedResource]) -> list[str]:
    """Names of the resources whose identifier begins with that of the resource."""
    start = f"{resource.instance.resource_id}/"
    return sorted(str(each.instance.name) for each in everything if each.instance.resource_id.startswith(start))
