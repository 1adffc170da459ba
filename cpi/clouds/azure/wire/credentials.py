"""The login: one of a closed choice, as azure-identity's credential.

Takes settings, gives a credential. Nothing is asked of anybody before the first call.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_never

from azure.identity import (
    AzureCliCredential,
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from cpi.clouds.azure.wire import config, credential_kinds, principal_file
from cpi.clouds.azure.wire.pipeline import Credential
from cpi.contract.errors import CloudError

Prompt = Callable[[str], None]
_NOWHERE = logging.NullHandler()


def make_credential(settings: config.AzureConfig, prompt: Prompt) -> Credential:
    """The credential that the environment's file chose. Raises DeniedError and CloudError for a file that is no use."""
    check_ca_file(settings)
    chosen = settings.credentials
    match chosen:
        case credential_kinds.PrincipalFile():
            written = principal_file.read(chosen.path)
            return _secret(settings, written.client_id, written.client_secret)
        case credential_kinds.ClientSecret():
            return _secret(settings, chosen.client_id, chosen.client_secret.get_secret_value())
        case credential_kinds.DeviceCode():
            return device_code(settings, chosen.client_id, prompt)
        case credential_kinds.AzureCli():
            return AzureCliCredential(tenant_id=settings.tenant_id)
        case credential_kinds.ManagedIdentity():
            return _managed_identity(chosen)
        case credential_kinds.Certificate():
            return _certificate(settings, chosen)
        case credential_kinds.WorkloadIdentity():
            return _workload_identity(settings, chosen)
        case credential_kinds.EnvironmentVariables():
            return _environment(settings)
    assert_never(chosen)


def check_ca_file(settings: config.AzureConfig) -> None:
    """Refuse certificates that are not there, which the library would tell in the middle of a call."""
    path = settings.where().ca_file
    if path and not Path(path).is_file():
        raise CloudError(
            "ca-file-missing",
            f"The file '{path}' with trusted certificates does not exist.",
            why="`endpoints` names it as ca_file.",
            fix="Correct the path, or remove it to trust the system's certificates.",
        )


def device_code(settings: config.AzureConfig, client_id: str, prompt: Prompt) -> Credential:
    """A user with a browser; `prompt` shows the instructions."""
    check_ca_file(settings)

    def show(uri: str, code: str, _expires: Any) -> None:
        prompt(f"To sign in, open {uri} and enter the code {code}.")

    return DeviceCodeCredential(
        client_id=client_id, tenant_id=need_tenant(settings), prompt_callback=show, **_options(settings)
    )


def read_expiry(settings: config.AzureConfig) -> str:
    """When the principal's secret expires, "" if unknown."""
    match settings.credentials:
        case credential_kinds.PrincipalFile() as chosen:
            return principal_file.read(chosen.path).expires
        case credential_kinds.ClientSecret() as chosen:
            return chosen.expires
    return ""


def need_tenant(settings: config.AzureConfig) -> str:
    """The tenant's id. Raises CloudError, code tenant-missing."""
    if not settings.tenant_id:
        raise CloudError(
            "tenant-missing",
            "The environment's file names no tenant_id.",
            why="Service principals and sign-in by device code need a tenant.",
            fix="Add tenant_id: `az account show --query tenantId`.",
        )
    return settings.tenant_id


def _managed_identity(chosen: credential_kinds.ManagedIdentity) -> Credential:
    if chosen.resource_id:
        return ManagedIdentityCredential(identity_config={"resource_id": chosen.resource_id})
    return ManagedIdentityCredential(client_id=chosen.client_id or None)


def _certificate(settings: config.AzureConfig, chosen: credential_kinds.Certificate) -> Credential:
    if chosen.path:
        _require_file(chosen.path, "certificate", "credentials.path")
    data = Path(chosen.path).read_bytes() if chosen.path else chosen.certificate.get_secret_value().encode()
    password = chosen.password.get_secret_value() or None
    try:
        return CertificateCredential(
            need_tenant(settings),
            chosen.client_id,
            certificate_data=data,
            password=password,
            **_options(settings),
        )
    except ValueError as error:
        raise CloudError(
            "certificate-invalid",
            "The certificate of the credentials cannot be used.",
            why="It must be PEM with its private key, or PKCS12, and the password must be that of the key.",
            fix="Correct path, certificate or password under credentials in the environment's file.",
        ) from error


def _workload_identity(settings: config.AzureConfig, chosen: credential_kinds.WorkloadIdentity) -> Credential:
    tenant = settings.tenant_id or os.environ.get("AZURE_TENANT_ID", "")
    client = chosen.client_id or os.environ.get("AZURE_CLIENT_ID", "")
    file = chosen.token_file or os.environ.get("AZURE_FEDERATED_TOKEN_FILE", "")
    named = (("AZURE_TENANT_ID", tenant), ("AZURE_CLIENT_ID", client), ("AZURE_FEDERATED_TOKEN_FILE", file))
    _require_variables([name for name, value in named if not value])
    _require_file(file, "federated token", "AZURE_FEDERATED_TOKEN_FILE or credentials.token_file")
    return WorkloadIdentityCredential(tenant_id=tenant, client_id=client, token_file_path=file, **_options(settings))


def _environment(settings: config.AzureConfig) -> Credential:
    missing = [name for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID") if not os.environ.get(name)]
    if not (os.environ.get("AZURE_CLIENT_SECRET") or os.environ.get("AZURE_CLIENT_CERTIFICATE_PATH")):
        missing.append("AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)")
    _require_variables(missing)
    if not os.environ.get("AZURE_CLIENT_SECRET"):
        path = os.environ["AZURE_CLIENT_CERTIFICATE_PATH"]
        _require_file(path, "certificate", "AZURE_CLIENT_CERTIFICATE_PATH")
    return EnvironmentCredential(**_options(settings))


def _require_variables(missing: list[str]) -> None:
    if missing:
        raise CloudError(
            "credentials-missing",
            "Azure's credentials are not set in the environment of the process.",
            why=f"Missing: {', '.join(missing)}.",
            fix="Set them, or choose another kind of credentials in the environment's file.",
        )


def _require_file(path: str, what: str, setting: str) -> None:
    if not os.access(path, os.R_OK):
        raise CloudError(
            "credentials-missing",
            f"The file '{path}' with the {what} cannot be read.",
            why=f"{setting} names it.",
            fix="Correct the path, or the file's permissions.",
        )


def _secret(settings: config.AzureConfig, client_id: str, client_secret: str) -> Credential:
    return ClientSecretCredential(need_tenant(settings), client_id, client_secret, **_options(settings))


def _options(settings: config.AzureConfig) -> dict[str, Any]:
    """Settings of all credentials; the libraries' own log, which would reach standard error, is discarded."""
    for library in ("azure", "msal"):
        logging.getLogger(library).addHandler(_NOWHERE)
    where = settings.where()
    return {
        "authority": where.authority,
        "disable_instance_discovery": not where.discovers_instance,
        "connection_verify": where.ca_file or True,
        "retry_total": 0,
    }
