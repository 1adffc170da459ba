"""The language of createUiDefinition.json: known answers, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from director.text.arm.failures import ExpressionError
from director.text.forms.evaluation import FormAnswers, evaluate_text

GOLDEN = Path(__file__).parents[5].parent / "shared" / "golden" / "arm" / "createuidefinition-functions.json"


@pytest.mark.skipif(not GOLDEN.is_file(), reason="known answers are not here")
def test_every_known_answer_is_given() -> None:
    cases = json.loads(GOLDEN.read_text())
    found = {case["id"]: _value(case["expression"], **case.get("steps", {})) for case in cases}
    expected = {case["id"]: case["expected"] for case in cases}
    assert len(expected) == 47
    assert {id_: (found[id_], expected[id_]) for id_ in expected if not _same(found[id_], expected[id_])} == {}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[map(steps('a').zones, (zone) => concat('z', zone))]", ["z1", "z2"]),
        ("[filter(steps('a').names, (name) => startsWith(name, 'b'))]", ["bob"]),
        ("[if(empty(steps('a').missing.deeper), 'none', 'some')]", "none"),
        ("[parse(concat('{\"a\": ', string(1), '}'))]", {"a": 1}),
        ("[steps('a').names[1]]", "bob"),
        ('[{"zone": first(steps(\'a\').zones), "is": true}]', {"zone": 1, "is": True}),
        ("[div(7, 2)]", 3.5),
        ("[and(steps('a').missing, true)]", False),
        ("[location()]", "westeurope"),
        ("plain text", "plain text"),
    ],
)
def test_expressions_have_values(expression: str, value: object) -> None:
    assert _value(expression, a={"zones": [1, 2], "names": ["ada", "bob"]}) == value


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("[concat('a']", "expected ',' or ')'"),
        ("[toUper('a')]", "The function 'toUper' does not exist in forms."),
        ("[utcNow()]", "its value is another one at each call"),
        ("[div(1, 0)]", "cannot divide by zero"),
        ("[nothing]", "The name 'nothing' has no value."),
        ("[" + "not(" * 61 + "true" + ")" * 61 + "]", "nests deeper than 60 levels"),
        ("[map(range(0, 10000), (a) => map(range(0, 10000), (b) => b))]", "more work"),
    ],
)
def test_what_has_no_value_is_an_error_with_words(expression: str, what: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        _value(expression)
    assert what in caught.value.what


def _value(expression: str, **steps: Any) -> object:
    return evaluate_text(expression, FormAnswers(steps=steps, location="westeurope"))


def _same(one: object, other: object) -> bool:
    return one == other and type(one) is type(other)
