"""The login: one of a closed choice, as azure-identity's credential.

Takes settings, gives a credential. Nothing is asked of anybody before the first call.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_never

from azure.identity import AzureCliCredential, ClientSecretCredential, DeviceCodeCredential, ManagedIdentityCredential

from cpi.clouds.azure.wire import config, principal_file
from cpi.clouds.azure.wire.pipeline import Credential
from cpi.contract.errors import CloudError

Prompt = Callable[[str], None]
_NOWHERE = logging.NullHandler()


def make_credential(settings: config.AzureConfig, prompt: Prompt) -> Credential:
    """The credential that the environment's file chose. Raises DeniedError and CloudError for a file that is no use."""
    check_ca_file(settings)
    chosen = settings.credentials
    match chosen:
        case config.PrincipalFile():
            written = principal_file.read(chosen.path)
            return _secret(settings, written.client_id, written.client_secret)
        case config.ClientSecret():
            return _secret(settings, chosen.client_id, chosen.client_secret.get_secret_value())
        case config.DeviceCode():
            return device_code(settings, chosen.client_id, prompt)
        case config.AzureCli():
            return AzureCliCredential(tenant_id=settings.tenant_id)
        case config.ManagedIdentity():
            return ManagedIdentityCredential(client_id=chosen.client_id or None)
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
        case config.PrincipalFile() as chosen:
            return principal_file.read(chosen.path).expires
        case config.ClientSecret() as chosen:
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
