"""A hostile template ends with an error, soon and in little memory; no text makes the reader fail otherwise."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpi.contract.errors import ExplainedError
from director.errors import InputError
from director.text.arm import budget
from director.text.arm.expressions import parse, scanner, syntax
from director.text.arm.failures import ExpressionError
from director.text.arm.template import expansion
from tests.unit.director.text.arm.templates import document, expand, resource, template, whats

_FUNCTIONS = ("concat", "add", "createArray", "createObject", "map", "format", "union", "if", "json", "length", "split")


def _doubling(function: str, levels: int) -> str:
    variables = {"v0": "aaaaaaaaaaaaaaaa" if function == "concat" else ["a"]}
    for level in range(1, levels + 1):
        variables[f"v{level}"] = f"[{function}(variables('v{level - 1}'), variables('v{level - 1}'))]"
    return template(variables=variables, outputs={"o": {"type": "object", "value": f"[variables('v{levels}')]"}})


@pytest.mark.parametrize("function", ["concat", "createArray"])
def test_values_that_double_are_refused_before_they_are_made(function: str) -> None:
    with pytest.raises(InputError) as caught:
        expand(_doubling(function, 34))
    assert caught.value.code == "template-too-big"
    assert "would be larger" in caught.value.what


def test_a_long_chain_of_variables_is_refused() -> None:
    variables = {"v0": "a", **{f"v{n}": f"[variables('v{n - 1}')]" for n in range(1, 200)}}
    with pytest.raises(InputError) as caught:
        expand(template(variables=variables, outputs={"o": {"type": "string", "value": "[variables('v199')]"}}))
    assert caught.value.code == "template-too-big"


def test_functions_that_call_themselves_are_refused() -> None:
    function = {"parameters": [], "output": {"type": "int", "value": "[a.f()]"}}
    text = template(
        languageVersion="2.0",
        resources={},
        functions=[{"namespace": "a", "members": {"f": function}}],
        outputs={"o": {"type": "int", "value": "[a.f()]"}},
    )
    with pytest.raises(InputError) as caught:
        expand(text)
    assert caught.value.code == "template-too-big"


def test_lambdas_within_lambdas_use_up_the_budget() -> None:
    left = budget.Budget(steps=1000)
    left.spend(999)
    with pytest.raises(ExpressionError):
        left.spend(2)


def test_loops_within_loops_end_with_an_error() -> None:
    innermost: object = "x"
    for name in "abc":
        innermost = {"copy": [{"name": name, "count": 800, "input": innermost}]}
    with pytest.raises(InputError) as caught:
        read = document(template(resources=[resource("r", properties=innermost)]))
        expansion.expand(expansion.ExpandRequest(document=read, steps=20_000))
    assert (caught.value.code, caught.value.where) == ("template-too-big", "template.json:1:1")


def test_a_loop_of_more_than_800_is_refused() -> None:
    found = expand(template(resources=[resource("r", copy={"name": "l", "count": 801})]))
    assert whats(found) == ["The count of a loop must be from 0 to 800, got 801."]


def test_an_expression_has_24576_characters_at_most() -> None:
    long = "[concat('" + "a" * (scanner.MAX_LENGTH - 12) + "')]"
    assert len(long) == scanner.MAX_LENGTH
    parse.parse_expression(long)
    with pytest.raises(ExpressionError, match="the limit is 24576"):
        parse.parse_expression("[" + " " * scanner.MAX_LENGTH + "true()]")


@pytest.mark.parametrize("text", ["[" * 5000, '{"a":' * 5000, "{", '{"a" 1}', '{"a": "b', "[1 2]", '{"a": 00x}', ""])
def test_broken_or_deep_json_is_an_error_with_a_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        document(text)
    assert caught.value.code == "template-json-broken"
    assert caught.value.where.startswith("template.json:1:")


def test_deep_expressions_are_refused() -> None:
    with pytest.raises(ExpressionError, match="nests deeper"):
        parse.parse_expression("[" + "not(" * 500 + "true()" + ")" * 500 + "]")


_literals = st.one_of(
    st.integers(-5, 12).map(str),
    st.text("ab',;{}0 :", max_size=6).map(lambda text: "'" + text.replace("'", "''") + "'"),
    st.sampled_from(["true()", "null()", "createArray()", "createObject()", "range(0, 3)", "parameters('p')"]),
)
_expressions = st.recursive(
    _literals,
    lambda inner: st.one_of(
        st.builds(
            lambda name, args: f"{name}({', '.join(args)})", st.sampled_from(_FUNCTIONS), st.lists(inner, max_size=3)
        ),
        st.builds(lambda target, index: f"createArray({target})[{index}]", inner, inner),
        st.builds(lambda body: f"map(range(0, 2), lambda('x', {body}))", inner),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(_expressions)
def test_any_expression_gives_a_value_or_an_explained_error(text: str) -> None:
    parsed = parse.parse_expression(f"[{text}]")
    assert parse.parse_expression(f"[{syntax.describe(parsed)}]") is not None
    outputs = {"o": {"type": "object", "value": {"in": f"[{text}]"}}}
    found = expand(template(parameters={"p": {"type": "string", "defaultValue": "p"}}, outputs=outputs))
    assert all(isinstance(each, ExplainedError) and each.where for each in found.problems)


@settings(max_examples=150, deadline=None)
@given(st.text("[](){}'\"\\,.:0-9afu \n/*", max_size=40))
def test_any_text_is_read_or_refused_with_an_explained_error(text: str) -> None:
    try:
        parse.parse_expression(f"[{text}]")
    except ExpressionError as error:
        assert error.column
    try:
        document(text)
    except InputError as error:
        assert error.where.startswith("template.json")


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 900), st.sampled_from(["", "[add(1)]", "[copyIndex()]", "x"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["copy", "name", "count", "input", "type", "value", "properties"]), inner, max_size=4
        ),
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["parameters", "variables", "functions", "resources", "outputs"]), _json))
def test_any_sections_give_resources_or_explained_errors(sections: dict[str, object]) -> None:
    began = time.monotonic()
    found = expand(json.dumps({"$schema": "x/deploymentTemplate.json", "contentVersion": "1", **sections}))
    assert all(each.code.startswith("template-") and each.fix for each in found.problems)
    assert time.monotonic() - began < 60
