"""The ways to sign in to Azure that an environment's file may choose, and BOSH's flat settings as one of them. Pure.

Takes what people wrote, gives frozen models.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, model_validator

from cpi.kit import properties

_FLAT = ("client_id", "client_secret", "certificate", "credentials_source", "managed_identity_resource_id")
"""BOSH's CPI has them beside all other settings."""


class ClientSecret(properties.PropertiesModel):
    """A service principal with a password."""

    kind: Literal["client_secret"]
    client_id: str
    client_secret: SecretStr
    expires: str = ""
    """The secret's last day (ISO date), "" if unknown; preflight warns before it."""


class PrincipalFile(properties.PropertiesModel):
    """A service principal in a file of mode 0600: JSON with client_id and client_secret."""

    kind: Literal["file"]
    path: str


class DeviceCode(properties.PropertiesModel):
    """A user signs in with a browser; for experiments, as each start of the process asks again."""

    kind: Literal["device_code"]
    client_id: str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
    """The application that asks; the default is Azure CLI's own, which every tenant knows."""


class AzureCli(properties.PropertiesModel):
    """The user that `az login` signed in on this machine."""

    kind: Literal["cli"]


class ManagedIdentity(properties.PropertiesModel):
    """The identity of the Azure VM that we run on."""

    kind: Literal["managed_identity"]
    client_id: str = ""
    resource_id: str = ""
    """Which one, where the VM has several; "" is the VM's own."""


class Certificate(properties.PropertiesModel):
    """A service principal with a certificate: PEM with its private key, or PKCS12."""

    kind: Literal["certificate"]
    client_id: str
    path: str = ""
    certificate: SecretStr = SecretStr("")
    """The PEM itself, as BOSH's CPI has it; one of the two."""

    password: SecretStr = SecretStr("")
    """Of the private key; "" for a key without one."""

    @model_validator(mode="after")
    def _has_one(self) -> "Certificate":
        if bool(self.path) == bool(self.certificate.get_secret_value()):
            raise ValueError("a certificate is set by path or by certificate, one of the two")
        if self.path and not Path(self.path).is_absolute():
            raise ValueError("path must be absolute")
        return self


class WorkloadIdentity(properties.PropertiesModel):
    """A service principal that trusts another identity provider's token (workload identity federation).

    What is not set is taken from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
    """

    kind: Literal["workload_identity"]
    client_id: str = ""
    token_file: str = ""
    """The file that holds the token; it is read again for each sign-in, as others renew it."""


class EnvironmentVariables(properties.PropertiesModel):
    """AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH of the process."""

    kind: Literal["environment"]


Credentials = Annotated[
    ClientSecret
    | PrincipalFile
    | DeviceCode
    | AzureCli
    | ManagedIdentity
    | Certificate
    | WorkloadIdentity
    | EnvironmentVariables,
    Field(discriminator="kind"),
]


def from_flat(written: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with `credentials`, made of BOSH's flat ones where there are any. Settings without either stay."""
    flat = {name: written[name] for name in _FLAT if written.get(name)}
    if not flat:
        return dict(written)
    if "credentials" in written:
        raise ValueError(f"credentials and {', '.join(sorted(flat))} mean the same; set one of them")
    others = {name: value for name, value in written.items() if name not in _FLAT}
    return {**others, "credentials": _chosen(flat)}


def _chosen(flat: Mapping[str, Any]) -> Mapping[str, Any]:
    if flat.get("credentials_source") == "managed_identity":
        return {"kind": "managed_identity", "resource_id": flat.get("managed_identity_resource_id", "")}
    kind = "certificate" if "certificate" in flat else "client_secret"
    return {"kind": kind, **{name: flat[name] for name in ("client_id", kind) if name in flat}}
