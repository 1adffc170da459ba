"""Who signs in: one of a closed choice, as azure-identity's credential.

Takes settings, gives a credential. Nothing is asked of anybody before the first call.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_never

from azure.identity import AzureCliCredential, ClientSecretCredential, DeviceCodeCredential, ManagedIdentityCredential

from cpi.azure import config
from cpi.azure.api import Credential
from cpi.errors import CloudError, DeniedError

Prompt = Callable[[str], None]


def make_credential(settings: config.AzureConfig, prompt: Prompt) -> Credential:
    """The credential that the environment's file chose. Raises DeniedError and CloudError for a file that is no use."""
    chosen = settings.credentials
    match chosen:
        case config.PrincipalFile():
            return _secret(settings, *read_principal(chosen.path))
        case config.ClientSecret():
            return _secret(settings, chosen.client_id, chosen.client_secret.get_secret_value())
        case config.DeviceCode():
            return device_code(settings, chosen.client_id, prompt)
        case config.AzureCli():
            return AzureCliCredential(tenant_id=settings.tenant_id)
        case config.ManagedIdentity():
            return ManagedIdentityCredential(client_id=chosen.client_id or None)
    assert_never(chosen)


def device_code(settings: config.AzureConfig, client_id: str, prompt: Prompt) -> Credential:
    """A person with a browser; `prompt` is told what to do."""

    def show(uri: str, code: str, _expires: Any) -> None:
        prompt(f"To sign in, open {uri} and enter the code {code}.")

    return DeviceCodeCredential(
        client_id=client_id, tenant_id=settings.tenant_id, prompt_callback=show, **_options(settings)
    )


def read_principal(path: str) -> tuple[str, str]:
    """Client id and secret from a file that only its owner reads. Raises DeniedError, code azure-principal-file."""
    try:
        with open(Path(path).expanduser(), encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise _unfit(path, "Others than its owner may read it.", f"Run `chmod 600 {path}`.")
            found = json.load(file)
        return str(found["client_id"]), str(found["client_secret"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = "Write it again, or correct `path` in the environment's file."
        raise _unfit(path, f"It cannot be read: {type(error).__name__}.", fix) from error


def _secret(settings: config.AzureConfig, client_id: str, client_secret: str) -> Credential:
    if not settings.tenant_id:
        raise CloudError(
            "azure-no-tenant",
            "The environment's file names no tenant_id.",
            why="A service principal belongs to a tenant.",
            fix="Add tenant_id: `az account show --query tenantId`.",
        )
    return ClientSecretCredential(settings.tenant_id, client_id, client_secret, **_options(settings))


def _options(settings: config.AzureConfig) -> dict[str, Any]:
    where = settings.where()
    return {
        "authority": where.authority,
        "disable_instance_discovery": not where.discovers_instance,
        "connection_verify": where.ca_file or True,
        "retry_total": 0,
    }


def _unfit(path: str, why: str, fix: str) -> DeniedError:
    return DeniedError("azure-principal-file", f"The principal's file '{path}' is of no use.", why=why, fix=fix)
