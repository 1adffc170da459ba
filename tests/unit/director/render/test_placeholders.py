"""Placeholders have the shape of what will be there."""

from director.model.environments.desired import VariableSpec
from director.model.secret_ref import Property, SecretRef, SecretText
from director.render.placeholders import parsed_secrets, placeholder_secrets, references_in
from tests.unit.director.render.builders import build_job, build_spec


def test_each_type_has_its_fields() -> None:
    types = ("password", "certificate", "rsa", "ssh", "user", "strange")
    secret = placeholder_secrets(VariableSpec(name=kind, type=kind) for kind in types)
    shapes = {kind: sorted(value) if isinstance(value := secret(kind), dict) else len(str(value)) for kind in types}
    assert shapes == {
        "password": 20,
        "certificate": ["ca", "certificate", "private_key"],
        "rsa": ["private_key", "public_key"],
        "ssh": ["private_key", "public_key", "public_key_fingerprint"],
        "user": ["password", "password_hash", "username"],
        "strange": 11,
    }


def test_a_password_is_as_long_as_it_will_be() -> None:
    assert placeholder_secrets([VariableSpec(name="p", type="password", options={"length": 40})])("p") == "x" * 40


def test_what_is_known_is_no_placeholder() -> None:
    variables = [VariableSpec(name=name, type="password") for name in "ab"]
    secret = placeholder_secrets(variables, [SecretRef(name="c", path=("d",))], known={"a": "1", "c": {"d": "2"}})
    assert (secret("a"), secret("b"), secret("c")) == ("1", "x" * 20, {"d": "2"})


def test_secrets_of_a_job_whose_template_parses_keys_are_named_those_of_its_links_too() -> None:
    parsing = build_job(
        {"a.erb": "<%= OpenSSL::X509::Certificate.new(p('a')) %>"}, properties={"a": SecretRef(name="/a")}
    )
    plain = build_job({"a.erb": "<%= p('b') %>"}, properties={"b": SecretRef(name="/b")}, name="plain")
    spec = build_spec(parsing, plain, links={"db": {"properties": {"c": SecretRef(name="/c")}}})
    assert parsed_secrets([spec]) == {"/a", "/c"}
    assert parsed_secrets([build_spec(plain, links={"db": {"properties": {"c": SecretRef(name="/c")}}})]) == set()


def test_an_unknown_name_has_the_fields_that_are_asked_of_it() -> None:
    value: Property = {
        "a": SecretRef(name="/x", path=("b", "c")),
        "l": [SecretText(parts=("<", SecretRef(name="/x", path=("d",))))],
    }
    references = list(references_in(value))
    secret = placeholder_secrets([], references)
    assert (secret("/x"), secret("/y")) == ({"b": {"c": "placeholder"}, "d": "placeholder"}, "placeholder")
