"""The login for OpenStack: a cloud of clouds.yaml, or the environment's file. Makes no call.

Takes the plugin's settings, gives the SDK's own reading of them.
"""

import os
import re
import tempfile
from pathlib import Path
from typing import Any

from openstack.config import OpenStackConfig as SdkConfig
from openstack.exceptions import ConfigException

from cpi.clouds.openstack.wire.config import CLOUDS_VARIABLE, OpenStackConfig
from cpi.contract.errors import CloudError


def read_region(config: OpenStackConfig) -> Any:
    """The SDK's region, from which a session is made."""
    loader = read_clouds(config.clouds_file) if config.cloud else SdkConfig(load_envvars=False, load_yaml_config=False)
    options = config.connection_options
    settings: dict[str, Any] = {"verify": options.ssl_verify_peer}
    if options.ca_cert and options.ssl_verify_peer:
        settings["cacert"] = _authority_file(options.ca_cert)
    if config.region:
        settings["region_name"] = config.region
    if config.cloud:
        return loader.get_one(cloud=config.cloud, **settings)
    if config.is_from_environment():
        return _from_environment(settings)
    kind = "v3applicationcredential" if config.application_credential_id else "v3password"
    return loader.get_one(auth_type=kind, auth=_auth(config), **settings)


def read_clouds(file: str = "") -> SdkConfig:
    """That clouds.yaml; without a name the one of OS_CLIENT_CONFIG_FILE, or of the usual places."""
    file = file or os.environ.get(CLOUDS_VARIABLE, "")
    files = {"config_files": [file]} if file else {}
    return SdkConfig(load_envvars=False, **files)  # type: ignore[arg-type]


def _from_environment(settings: dict[str, Any]) -> Any:
    """As OpenStack's own client reads OS_CLOUD, OS_AUTH_URL and the like. Raises CloudError: credentials-missing."""
    if not (os.environ.get("OS_CLOUD") or os.environ.get("OS_AUTH_URL")):
        raise CloudError(
            "credentials-missing",
            "No OpenStack credentials were found.",
            why="The settings have no login, and neither OS_CLOUD nor OS_AUTH_URL is set.",
            fix="Set auth_url, username, api_key and project, or `cloud`, in the environment's file; "
            "or load the project's RC file: `source openrc.sh`.",
        )
    own_region = settings.pop("region_name", "")
    try:
        region = SdkConfig(load_envvars=True).get_one(**settings)
    except ConfigException as error:
        raise CloudError(
            "credentials-missing",
            "The OpenStack credentials of the OS_* variables are not complete.",
            why=str(error).splitlines()[0][:200],
            fix="Correct the OS_* variables, or unset all and load the project's RC file again.",
        ) from error
    if own_region:
        region.config["region_name"] = own_region
    return region


def _auth(config: OpenStackConfig) -> dict[str, str]:
    url = re.sub(r"/v[23](\.0)?/?$", "", config.auth_url.rstrip("/"))
    if config.application_credential_id:
        return {
            "auth_url": f"{url}/v3",
            "application_credential_id": config.application_credential_id,
            "application_credential_secret": config.application_credential_secret.get_secret_value(),
        }
    project = (
        {"project_id": config.project_id}
        if config.project_id
        else {
            "project_name": config.project or config.tenant,
            **_domain("project_domain", config),
        }
    )
    return {
        "auth_url": f"{url}/v3",
        "username": config.username,
        "password": config.api_key.get_secret_value(),
        **_domain("user_domain", config),
        **project,
    }


def _domain(key: str, config: OpenStackConfig) -> dict[str, str]:
    """The user's or the project's domain."""
    id_, name = getattr(config, f"{key}_id"), getattr(config, f"{key}_name")
    return {f"{key}_id": id_} if id_ else {f"{key}_name": name or config.domain or "Default"}


def _authority_file(written: str) -> str:
    """The SDK takes a file only; certificates are no secret."""
    if "-----BEGIN" not in written:
        return written
    with tempfile.NamedTemporaryFile("w", prefix="compleat-ca-", suffix=".pem", delete=False) as stream:
        stream.write(written)
    return str(Path(stream.name))
