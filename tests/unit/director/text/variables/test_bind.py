from director.model.secret_ref import Property, SecretRef, SecretText
from director.text.variables import bind
from director.text.variables.bind import Bound, KnownNames
from tests.unit.director.text import texts

DEFINED = "variables: [{name: pw, type: password}, {name: tls, type: certificate}]\n"


def bound(text: str, values: dict[str, Property] | None = None, secrets: tuple[str, ...] = ()) -> Bound:
    return bind.bind_document(texts.document(text), KnownNames(values=values or {}, secrets=secrets))


def value(text: str, values: dict[str, Property] | None = None) -> Property:
    result = bound(f"{DEFINED}v: {text}", values)
    assert result.problems == ()
    assert isinstance(result.document.tree, dict)
    return result.document.tree["v"]  # type: ignore[no-any-return]


def reported(result: Bound) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in result.problems]


def test_a_defined_name_becomes_a_reference() -> None:
    assert value("[((pw)), ((tls.ca))]") == [SecretRef(name="pw"), SecretRef(name="tls", path=("ca",))]


def test_inside_a_text_plain_values_join_what_is_literal() -> None:
    assert value("a((h)):((pw))@((p))b((tls.ca))", {"h": "host", "p": 1}) == SecretText(
        parts=("ahost:", SecretRef(name="pw"), "@1b", SecretRef(name="tls", path=("ca",)))
    )


def test_a_text_without_secrets_is_plain() -> None:
    assert value("a((h))b", {"h": "-"}) == "a-b"


def test_a_plain_value_wins_and_its_definition_leaves() -> None:
    result = bound(f"{DEFINED}v: ((pw))\nw: ((zz))", {"pw": "given"})
    assert result.document.tree == {
        "variables": [{"name": "tls", "type": "certificate"}],
        "v": "given",
        "w": "((zz))",
    }
    assert str(result.document.spans.at(("variables", 0))) == "m.yml:1:41"


def test_names_the_vault_has_are_known_without_definition() -> None:
    assert bound("((old.key))", secrets=("old",)).document.tree == SecretRef(name="old", path=("key",))


def test_every_problem_is_told_with_its_place() -> None:
    text = "a: ((hots))\nb: [x((m))]\nc: ((m.zz))\n((pw)): 1\nd: x((other))y\nvariables: [{name: pw, type: x}]\n"
    assert reported(bound(text, {"host": 1, "m": {}})) == [
        ("unresolved-variable", "m.yml:1:1"),
        ("variable-in-text", "m.yml:2:5"),
        ("variable-field-missing", "m.yml:3:1"),
        ("secret-in-key", "m.yml:4:1"),
        ("unresolved-variable", "m.yml:5:1"),
    ]


def test_a_mistyped_name_is_told_with_the_nearest_known_one() -> None:
    problem = bound("a: ((hots))", {"host": 1}).problems[0]
    assert (problem.why, problem.fix) == ("A similar name is 'host'.", "Write ((host)).")


def test_an_address_of_the_landing_zone_is_reported_with_the_name_to_ask_for() -> None:
    (problem,) = bound("a: ((console_public_host))").problems
    assert problem.fix.startswith("Add 'console' to `public_names` of the environment file, or give it with -v")


def test_known_values_are_not_in_a_repr() -> None:
    assert "hidden" not in repr(KnownNames(values={"a": "hidden"}))
