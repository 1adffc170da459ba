"""Placeholders have the shape of what will be there."""

from director.model.environments.desired import VariableSpec
from director.model.secret_ref import Property, SecretRef, SecretText
from director.render.placeholders import placeholder_secrets, references_in


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


def test_an_unknown_name_has_the_fields_that_are_asked_of_it() -> None:
    value: Property = {
        "a": SecretRef(name="/x", path=("b", "c")),
        "l": [SecretText(parts=("<", SecretRef(name="/x", path=("d",))))],
    }
    references = list(references_in(value))
    secret = placeholder_secrets([], references)
    assert (secret("/x"), secret("/y")) == ({"b": {"c": "placeholder"}, "d": "placeholder"}, "placeholder")
