"""A secret without recorded options: its value says what it was generated with, defaults included."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue
from director.edge.secrets.vault_dir import VaultDir
from director.model.environments.desired import VariableSpec

CA = VariableSpec(name="/e/ca", type="certificate", options={"is_ca": True, "key_length": 2048, "common_name": "one"})
OTHER = replace(CA, name="/e/other", options={**CA.options, "common_name": "other"})
SMALL: Mapping[str, JsonValue] = {"ca": CA.name, "key_length": 2048}
CERT = VariableSpec(
    name="/e/cert",
    type="certificate",
    options={**SMALL, "alternative_names": ["a.b", "::0:1"], "common_name": "a.b", "duration": 30},
)
PLAIN = VariableSpec(name="/e/plain", type="certificate", options=SMALL)
ROOT = VariableSpec(name="/e/root", type="certificate", options={"is_ca": True})
PASSWORD = VariableSpec(name="/e/password", type="password")
USER = VariableSpec(name="/e/user", type="user")
NAMED = VariableSpec(name="/e/named", type="user", options={"username": "admin", "length": 30})
KEYS = (VariableSpec(name="/e/ssh", type="ssh"), VariableSpec(name="/e/rsa", type="rsa"))
ALL = (CA, OTHER, CERT, PLAIN, ROOT, PASSWORD, USER, NAMED, *KEYS)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> VaultDir:
    made = _open(tmp_path_factory.mktemp("home"))
    for variable in ALL:
        made.make_secret(variable)
    return made


@pytest.mark.parametrize("variable", ALL, ids=lambda variable: variable.name)
def test_a_value_shows_the_very_options_it_was_generated_with(vault: VaultDir, variable: VariableSpec) -> None:
    shown = vault.shown_options(variable)
    assert shown and (shown.version, shown.type, shown.options) == (1, variable.type, variable.options)


@pytest.mark.parametrize(
    ("variable", "option", "wanted", "before"),
    [
        (CERT, "alternative_names", ["a.b", "c.d"], ["a.b", "::1"]),
        (CERT, "common_name", "c.d", "a.b"),
        (CERT, "duration", 365, 30),
        (CERT, "extended_key_usage", ["client_auth"], None),
        (CERT, "is_ca", True, None),
        (CERT, "key_length", 4096, 2048),
        (CERT, "organization", "Other", None),
        (CERT, "country", "DE", None),
        (CERT, "locality", "Berlin", None),
        (CERT, "key_usage", ["key_agreement"], None),
        (CERT, "ca", OTHER.name, "CN=one,O=Cloud Foundry,C=US"),
        (PLAIN, "alternative_names", ["a.b"], None),
        (ROOT, "ca", CA.name, None),
        (ROOT, "key_length", 2048, None),
        (PASSWORD, "length", 30, None),
        (USER, "length", 30, None),
        (USER, "username", "admin", None),
        (NAMED, "username", "root", "admin"),
        (NAMED, "length", 20, 30),
    ],
)
def test_an_option_that_the_value_contradicts_is_shown_as_it_was(
    vault: VaultDir, variable: VariableSpec, option: str, wanted: JsonValue, before: JsonValue
) -> None:
    assert _differing(vault, replace(variable, options={**variable.options, option: wanted})).get(option, "") == before


@pytest.mark.parametrize(
    ("variable", "gone", "before"),
    [
        (CERT, "alternative_names", ["a.b", "::1"]),
        (CERT, "common_name", "a.b"),
        (CERT, "duration", 30),
        (CERT, "key_length", 2048),
        (CERT, "ca", "CN=one,O=Cloud Foundry,C=US"),
        (CA, "is_ca", True),
        (NAMED, "username", "admin"),
        (NAMED, "length", 30),
    ],
)
def test_an_option_that_is_gone_from_the_manifest_is_compared_with_its_default(
    vault: VaultDir, variable: VariableSpec, gone: str, before: JsonValue
) -> None:
    options = {name: value for name, value in variable.options.items() if name != gone}
    assert _differing(vault, replace(variable, options=options)) == {gone: before}


@pytest.mark.parametrize(
    ("variable", "written"),
    [
        (PLAIN, {"duration": 365, "organization": "", "extended_key_usage": [], "is_ca": False, "common_name": ""}),
        (PLAIN, {"organization": "Cloud Foundry", "extended_key_usage": ["server_auth"], "alternative_names": []}),
        (PLAIN, {"country": "US", "key_usage": ["key_encipherment", "digital_signature"], "locality": ""}),
        (ROOT, {"key_length": 3072, "alternative_names": ["a.b"], "extended_key_usage": ["client_auth"]}),
        (PASSWORD, {"length": 20}),
    ],
)
def test_a_default_that_is_written_out_is_no_difference(
    vault: VaultDir, variable: VariableSpec, written: Mapping[str, JsonValue]
) -> None:
    assert _differing(vault, replace(variable, options={**variable.options, **written})) == {}


def test_a_certificate_whose_ca_was_generated_anew_is_not_signed_by_it(tmp_path: Path) -> None:
    vault = _open(tmp_path)
    for variable, version in ((CA, 1), (PLAIN, 1), (CA, 2)):
        vault.make_secret(variable, version=version)
    assert _differing(vault, PLAIN) == {"ca": "CN=one,O=Cloud Foundry,C=US"}


def test_another_type_is_told_alone_and_what_cannot_be_read_shows_nothing(tmp_path: Path) -> None:
    vault = _open(tmp_path)
    vault.make_secret(PASSWORD)
    shown = vault.shown_options(replace(USER, name=PASSWORD.name, options={"username": "admin"}))
    assert shown and (shown.type, shown.options) == ("password", {"username": "admin"})
    vault.put_secret(CERT.name, {"ca": "x", "certificate": "x", "private_key": "x"})
    vault.put_secret(USER.name, {"neither": 1})
    assert [vault.shown_options(each) for each in (CERT, USER, NAMED)] == [None, None, None]
    (tmp_path / "vault.key").unlink()
    assert vault.shown_options(PASSWORD) is None


def _differing(vault: VaultDir, wanted: VariableSpec) -> Mapping[str, JsonValue]:
    shown = vault.shown_options(wanted)
    assert shown and shown.type == wanted.type
    names = {*shown.options, *wanted.options}
    return {name: shown.options.get(name) for name in names if shown.options.get(name) != wanted.options.get(name)}


def _open(home: Path) -> VaultDir:
    return VaultDir(home / "vault", home / "vault.key")
