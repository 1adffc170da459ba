"""What every Vault promises."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue
from director.errors import InputError, StateError
from director.model import ca_transition, retired_secrets
from director.model.ca_transition import CaPhase, SecretChange
from director.model.environments.desired import VariableSpec
from director.ports.vault import Vault
from tests.contract.vault.vaults import VAULTS

PASSWORD = VariableSpec(name="/home/app/password", type="password")


@pytest.fixture(params=VAULTS)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    return VAULTS[request.param](tmp_path)


def test_a_secret_made_twice_is_made_once(vault: Vault) -> None:
    vault.make_secret(PASSWORD)
    first = vault.get_secret(PASSWORD.name)
    vault.make_secret(PASSWORD)
    assert first and isinstance(first, str)
    assert vault.get_secret(PASSWORD.name) == first
    assert vault.secret_versions([PASSWORD.name]) == {PASSWORD.name: 1}


def test_a_secret_put_anew_has_a_new_version(vault: Vault) -> None:
    vault.put_secret("/home/a", {"ca": "x", "list": [1, None]})
    vault.put_secret("/home/a", "second")
    assert vault.get_secret("/home/a") == "second"
    assert vault.secret_versions(["/home/a", "/home/unknown"]) == {"/home/a": 2}


def test_a_secret_that_is_not_there_is_named(vault: Vault) -> None:
    with pytest.raises(StateError) as raised:
        vault.get_secret("/home/unknown")
    assert raised.value.code == "secret-missing"
    assert "/home/unknown" in raised.value.what


def test_secrets_are_listed_and_forgotten_by_prefix(vault: Vault) -> None:
    for name in ("/home/b", "/home/a", "/away/a"):
        vault.put_secret(name, "x")
    assert vault.list_secrets("/home/") == ("/home/a", "/home/b")
    vault.forget_secrets("/home/")
    vault.forget_secrets("/home/")
    assert vault.list_secrets("/") == ("/away/a",)


def test_one_secret_is_removed_twice_and_the_others_stay(vault: Vault) -> None:
    for name in ("/home/a", "/home/ab"):
        vault.put_secret(name, "x")
    vault.forget_secret("/home/a")
    vault.forget_secret("/home/a")
    assert vault.list_secrets("/") == ("/home/ab",)


def test_an_unknown_type_is_refused(vault: Vault) -> None:
    with pytest.raises(InputError) as raised:
        vault.make_secret(VariableSpec(name="/home/x", type="pasword"))
    assert raised.value.code == "unknown-variable-type"


@pytest.mark.parametrize("type_", ["password", "ssh", "rsa", "certificate", "user"])
def test_every_type_of_bosh_can_be_made(vault: Vault, type_: str) -> None:
    options: dict[str, JsonValue] = {"common_name": "x", "is_ca": True} if type_ == "certificate" else {}
    vault.make_secret(VariableSpec(name=f"/home/{type_}", type=type_, options=options))
    assert vault.list_secrets("/home/") == (f"/home/{type_}",)


@pytest.mark.parametrize("type_", ["password", "ssh", "rsa", "certificate", "user"])
def test_a_sample_has_the_shape_of_a_generated_secret_and_is_not_stored(vault: Vault, type_: str) -> None:
    options: dict[str, JsonValue] = {"common_name": "x", "is_ca": True} if type_ == "certificate" else {}
    variable = VariableSpec(name=f"/home/{type_}", type=type_, options=options)
    sample = vault.sample_secret(variable)
    assert vault.list_secrets("/") == ()
    vault.make_secret(variable)
    assert _shape(vault.get_secret(variable.name)) == _shape(sample)


def test_there_is_no_sample_of_an_unknown_type(vault: Vault) -> None:
    with pytest.raises(InputError) as raised:
        vault.sample_secret(VariableSpec(name="/home/x", type="pasword"))
    assert raised.value.code == "unknown-variable-type"


def _shape(value: JsonValue) -> list[str] | int:
    return sorted(value) if isinstance(value, dict) else len(str(value))


def test_a_later_version_is_generated_once_and_stays(vault: Vault) -> None:
    vault.make_secret(PASSWORD)
    vault.make_secret(PASSWORD, version=2)
    second = vault.get_secret(PASSWORD.name)
    vault.make_secret(PASSWORD, version=2)
    vault.make_secret(PASSWORD)
    assert vault.get_secret(PASSWORD.name) == second
    assert vault.secret_versions([PASSWORD.name]) == {PASSWORD.name: 2}


def test_a_ca_is_replaced_in_three_changes_and_each_is_made_once(vault: Vault) -> None:
    ca = VariableSpec(
        name="/home/ca", type="certificate", options={"is_ca": True, "common_name": "x", "key_length": 2048}
    )
    leaf = VariableSpec(
        name="/home/leaf", type="certificate", options={"ca": ca.name, "common_name": "y", "key_length": 2048}
    )
    for variable in (ca, leaf):
        vault.make_secret(variable)
    first = _fields(vault, ca.name)
    seen = [_facts(vault, ca.name, leaf.name)]
    changes = (SecretChange.ADD_CA, SecretChange.SWITCH_CA, SecretChange.DROP_CA)
    for version, change in enumerate(changes, start=2):
        for _ in range(2):
            vault.make_secret(ca, version=version, change=change)
        seen.append(_facts(vault, ca.name, leaf.name))
        assert set(_fields(vault, ca.name)) == {"ca", "certificate", "private_key"}, "the next key is hidden"
        assert _fields(vault, ca.name)["ca"] == _fields(vault, ca.name)["certificate"]
        signed = SecretChange.GENERATE if change is SecretChange.SWITCH_CA else SecretChange.TAKE_CA
        before = _fields(vault, leaf.name)
        vault.make_secret(leaf, version=version, change=signed)
        assert (_fields(vault, leaf.name)["certificate"] == before["certificate"]) is (signed is SecretChange.TAKE_CA)
        assert _facts(vault, ca.name, leaf.name)[1] is None
    assert seen == [
        (CaPhase.SETTLED, None),
        (CaPhase.ADDED, SecretChange.TAKE_CA),
        (CaPhase.SWITCHED, SecretChange.GENERATE),
        (CaPhase.SETTLED, SecretChange.TAKE_CA),
    ]
    assert _fields(vault, ca.name)["private_key"] != first["private_key"]


def test_a_change_of_another_phase_keeps_the_value(vault: Vault) -> None:
    ca = VariableSpec(
        name="/home/ca", type="certificate", options={"is_ca": True, "common_name": "x", "key_length": 2048}
    )
    vault.make_secret(ca)
    before = vault.get_secret(ca.name)
    vault.make_secret(ca, version=2, change=SecretChange.SWITCH_CA)
    assert vault.get_secret(ca.name) == before


def test_only_certificates_are_described(vault: Vault) -> None:
    vault.put_secret("/home/a", {"ca": "x"})
    vault.make_secret(PASSWORD)
    assert vault.describe_certificates(["/home/a", PASSWORD.name, "/home/unknown"]) == {}


def _fields(vault: Vault, name: str) -> Mapping[str, JsonValue]:
    value = vault.get_secret(name)
    assert isinstance(value, Mapping)
    return value


def _facts(vault: Vault, ca: str, leaf: str) -> tuple[CaPhase, SecretChange | None]:
    found = vault.describe_certificates([ca, leaf])
    return found[ca].phase, ca_transition.outdated_change(found[leaf], found[ca])


def test_a_retired_value_is_kept_beside_the_new_one_and_listed_with_no_other(vault: Vault) -> None:
    vault.retire_secret(PASSWORD.name)
    assert vault.retired_secrets("/home/") == ()
    vault.put_secret(PASSWORD.name, "first")
    vault.retire_secret(PASSWORD.name)
    vault.put_secret(PASSWORD.name, "second")
    former = retired_secrets.retired_name(PASSWORD.name)
    assert (vault.get_secret(former), vault.get_secret(PASSWORD.name)) == ("first", "second")
    assert (vault.list_secrets("/"), vault.retired_secrets("/home/")) == ((PASSWORD.name,), (PASSWORD.name,))
    assert vault.retired_secrets("/away/") == ()
    vault.retire_secret(PASSWORD.name)
    assert vault.get_secret(former) == "second"
    vault.forget_secrets("/home/")
    assert vault.retired_secrets("/") == ()


@pytest.mark.parametrize("kind", ["password", "user"])
def test_a_previous_value_is_a_copy_and_differs_once_the_variable_is_generated_again(vault: Vault, kind: str) -> None:
    variable = VariableSpec(name="/home/app/login", type=kind)
    previous = VariableSpec(name="/home/app/old", type=kind, options={"previous_of": variable.name})
    pairs = {previous.name: variable.name, "/home/app/unknown": variable.name}
    vault.make_secret(variable)
    vault.make_secret(previous)
    first = vault.get_secret(variable.name)
    assert (vault.get_secret(previous.name), vault.differing_from(pairs)) == (first, frozenset())
    vault.make_secret(variable, version=2)
    assert (vault.get_secret(previous.name), vault.differing_from(pairs)) == (first, frozenset({previous.name}))
    vault.make_secret(previous, version=2)
    assert vault.get_secret(previous.name) == vault.get_secret(variable.name) != first
