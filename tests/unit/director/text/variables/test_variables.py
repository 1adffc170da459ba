import pytest

from director.errors import InputError
from director.text.variables import variables
from director.text.variables.variables import VariableSources
from tests.unit.director.text import texts


def kvs(*words: str) -> object:
    return variables.read_values(VariableSources(kvs=words))


def refusal(sources: VariableSources) -> InputError:
    with pytest.raises(InputError) as caught:
        variables.read_values(sources)
    return caught.value


def test_the_higher_source_wins_and_the_later_of_one_kind() -> None:
    sources = VariableSources(
        kvs=("a=kv",),
        var_files=(("a", b"file"), ("b", b"file")),
        vars_files=(texts.source("a: 1\nb: 1\nc: 1"), texts.source("c: 2\nd: 2")),
        env_prefixes=("X", "Y"),
        env={"X_d": "env", "X_e": "0x10", "Y_e": "[1]", "XX_f": "no", "X": "no"},
    )
    assert variables.read_values(sources) == {"a": "kv", "b": "file", "c": 2, "d": 2, "e": [1]}


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("a=1", 1), ("a='1'", "1"), ("a=x\ny", "x\ny"), ('a=""', ""), ("a=b=c", "b=c"), ("a=~", None),
        ("a={b: [1]}", {"b": [1]}),
    ],
)  # fmt: skip
def test_a_flag_is_yaml_unless_it_is_text(flag: str, value: object) -> None:
    assert kvs(flag) == {"a": value}


def test_names_with_dots_become_maps_and_siblings_are_kept() -> None:
    assert kvs("n.one.two=1", "n.one.three=2", "m={a: 1}", "m.b=2") == {
        "n": {"one": {"two": 1, "three": 2}},
        "m": {"a": 1, "b": 2},
    }


@pytest.mark.parametrize("flags", [("one.two=1", "one=2"), ("m.a=1", "m={a: 2}"), ("m.a.b=1", "m={a: 2}")])
def test_names_that_clash_are_refused(flags: tuple[str, ...]) -> None:
    assert refusal(VariableSources(kvs=flags)).code == "variable-clash"


@pytest.mark.parametrize("flag", ["hidden", "=hidden", "name=", "name=[hidden"])
def test_a_flag_of_another_shape_is_refused_without_showing_its_value(flag: str) -> None:
    error = refusal(VariableSources(kvs=(flag,)))
    assert error.code == "bad-variable-flag"
    assert "hidden" not in "".join((error.what, error.why, error.fix))


def test_a_vars_file_must_be_a_map() -> None:
    assert texts.reported(refusal(VariableSources(vars_files=(texts.source("- a", "v.yml"),)))) == [
        ("bad-vars-file", "Variables file 'v.yml' is not a map.", "v.yml")
    ]


def test_a_file_that_is_no_text_is_refused() -> None:
    assert refusal(VariableSources(var_files=(("key", b"\xff"),))).code == "bad-vars-file"


def test_no_value_is_in_a_repr() -> None:
    sources = VariableSources(kvs=("a=hidden",), var_files=(("b", b"hidden"),), env={"X_c": "hidden"})
    assert "hidden" not in repr(sources)
