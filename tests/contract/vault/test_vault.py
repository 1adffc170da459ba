"""What every Vault promises."""

from pathlib import Path

import pytest

from cpi.contract.values import JsonValue
from director.errors import InputError, StateError
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
