"""Ways to sign in to Azure: what each needs, the error where it is missing, and BOSH's flat settings."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from azure.identity import (
    CertificateCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from cpi.clouds.azure.wire import config, credentials
from cpi.contract.errors import CloudError
from tests.support.certificates import make_certificate

BASE = {"subscription_id": "s", "tenant_id": "t-1", "location": "westeurope"}
FLAT = {"client_id": "c", "tenant_id": "t-1"}


def test_each_way_has_its_credential(tmp_path: Path) -> None:
    pem, token = tmp_path / "principal.pem", tmp_path / "token"
    pem.write_text(_certificate("geheim"))
    token.write_text("ey.ey.sig")
    found: Mapping[type, dict[str, Any]] = {
        CertificateCredential: {"kind": "certificate", "client_id": "c", "path": str(pem), "password": "geheim"},
        WorkloadIdentityCredential: {"kind": "workload_identity", "client_id": "c", "token_file": str(token)},
        ManagedIdentityCredential: {"kind": "managed_identity", "resource_id": "/subscriptions/s/identity"},
    }
    for kind, written in found.items():
        assert type(_made(credentials=written)) is kind
    assert type(_made(credentials={"kind": "certificate", "client_id": "c", "certificate": _certificate()})) is (
        CertificateCredential
    )
    variables = {"AZURE_TENANT_ID": "t-1", "AZURE_CLIENT_ID": "c"}
    with _variables(**variables, AZURE_CLIENT_SECRET="hush"):
        assert type(_made(credentials={"kind": "environment"})) is EnvironmentCredential
    with _variables(**variables, AZURE_CLIENT_CERTIFICATE_PATH=str(pem), AZURE_CLIENT_CERTIFICATE_PASSWORD="geheim"):
        assert type(_made(credentials={"kind": "environment"})) is EnvironmentCredential
    with _variables(**variables, AZURE_FEDERATED_TOKEN_FILE=str(token)):
        assert type(_made(credentials={"kind": "workload_identity"})) is WorkloadIdentityCredential


@pytest.mark.parametrize(
    ("written", "code", "word"),
    [
        ({"kind": "workload_identity"}, "credentials-missing", "AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE"),
        (
            {"kind": "workload_identity", "client_id": "c", "token_file": "/no/such"},
            "credentials-missing",
            "token_file",
        ),
        ({"kind": "environment"}, "credentials-missing", "AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)"),
        ({"kind": "certificate", "client_id": "c", "path": "/no/such"}, "credentials-missing", "credentials.path"),
        ({"kind": "certificate", "client_id": "c", "certificate": "hush-hush"}, "certificate-invalid", "PEM"),
        ({"kind": "certificate", "client_id": "c"}, "cloud-config-invalid", "one of the two"),
    ],
)
def test_what_is_missing_is_named_without_secrets(written: dict[str, Any], code: str, word: str) -> None:
    with _variables(), pytest.raises(CloudError) as raised:
        _made(credentials=written)
    error = raised.value
    assert (error.code, word in error.why) == (code, True)
    assert "hush-hush" not in f"{error.what}{error.why}{error.fix}"


def test_a_wrong_password_of_a_key_is_named() -> None:
    written = {"kind": "certificate", "client_id": "c", "certificate": _certificate("geheim"), "password": "wrong"}
    with pytest.raises(CloudError, match="certificate-invalid") as raised:
        _made(credentials=written)
    assert "wrong" not in f"{raised.value.what}{raised.value.why}"


@pytest.mark.parametrize(
    ("flat", "expected"),
    [
        ({**FLAT, "client_secret": "hush", "certificate": None}, "client_secret"),
        ({**FLAT, "certificate": "pem", "client_secret": None, "credentials_source": "static"}, "certificate"),
        ({"credentials_source": "managed_identity", "managed_identity_resource_id": "/i"}, "managed_identity"),
    ],
)
def test_flat_settings_of_boshs_cpi_choose_a_way(flat: dict[str, Any], expected: str) -> None:
    settings = config.read_config({**BASE, **flat})
    assert settings.credentials.kind == expected
    with pytest.raises(CloudError, match="cloud-config-invalid"):
        config.read_config({**BASE, **flat, "credentials": {"kind": "cli"}})


def _made(**settings: Any) -> object:
    return credentials.make_credential(config.read_config({**BASE, **settings}), lambda _: None)


@contextmanager
def _variables(**wanted: str) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("AZURE_")]:
        del os.environ[name]
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _certificate(password: str = "") -> str:
    return make_certificate(password)[0]
