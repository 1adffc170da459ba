"""By which way the plugin signs in to Azure, for people and without secrets.

Takes settings, gives words. Asks Azure nothing.
"""

import os
from typing import assert_never

from cpi.clouds.azure.wire import config, credential_kinds


def describe_login(settings: config.AzureConfig) -> str:
    """The kind of credentials that the settings choose, and whose."""
    chosen = settings.credentials
    match chosen:
        case credential_kinds.PrincipalFile():
            return f"the service principal in {chosen.path}"
        case credential_kinds.ClientSecret():
            return f"a client secret of application {chosen.client_id}"
        case credential_kinds.DeviceCode():
            return "a user, by device code"
        case credential_kinds.AzureCli():
            return "the user of `az login`"
        case credential_kinds.ManagedIdentity():
            named = chosen.resource_id or chosen.client_id
            return f"managed identity {named}" if named else "the managed identity of this VM"
        case credential_kinds.Certificate():
            return f"a certificate of application {chosen.client_id}" + (f" ({chosen.path})" if chosen.path else "")
        case credential_kinds.WorkloadIdentity():
            client = chosen.client_id or os.environ.get("AZURE_CLIENT_ID", "")
            file = chosen.token_file or os.environ.get("AZURE_FEDERATED_TOKEN_FILE", "")
            return f"a federated token for application {client or '(not set)'} ({file or 'no token file'})"
        case credential_kinds.EnvironmentVariables():
            secret = "AZURE_CLIENT_SECRET" if os.environ.get("AZURE_CLIENT_SECRET") else "AZURE_CLIENT_CERTIFICATE_PATH"
            client = os.environ.get("AZURE_CLIENT_ID", "(not set)")
            return f"the AZURE_* variables: application {client}, {secret}"
    assert_never(chosen)
