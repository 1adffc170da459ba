"""The login for OpenStack: a cloud of clouds.yaml, or the environment's file. Makes no call.

Takes the plugin's settings, gives the SDK's own reading of them.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

from openstack.config import OpenStackConfig as SdkConfig

from cpi.clouds.openstack.wire.config import OpenStackConfig


def read_region(config: OpenStackConfig) -> Any:
    """The SDK's region, from which a session is made."""
    files = {"config_files": [config.clouds_file]} if config.clouds_file else {}
    loader = SdkConfig(load_envvars=False, load_yaml_config=bool(config.cloud), **files)  # type: ignore[arg-type]
    options = config.connection_options
    settings: dict[str, Any] = {"verify": options.ssl_verify_peer}
    if options.ca_cert and options.ssl_verify_peer:
        settings["cacert"] = _authority_file(options.ca_cert)
    if config.region:
        settings["region_name"] = config.region
    if config.cloud:
        return loader.get_one(cloud=config.cloud, **settings)
    kind = "v3applicationcredential" if config.application_credential_id else "v3password"
    return loader.get_one(auth_type=kind, auth=_auth(config), **settings)


def _auth(config: OpenStackConfig) -> dict[str, str]:
    url = re.sub(r"/v[23](\.0)?/?$", "", config.auth_url.rstrip("/"))
    if config.application_credential_id:
        return {
            "auth_url": f"{url}/v3",
            "application_credential_id": config.application_credential_id,
            "application_credential_secret": config.application_credential_secret.get_secret_value(),
        }
    domain = config.domain or "Default"
    project = (
        {"project_id": config.project_id}
        if config.project_id
        else {
            "project_name": config.project or config.tenant,
            "project_domain_name": config.project_domain_name or domain,
        }
    )
    return {
        "auth_url": f"{url}/v3",
        "username": config.username,
        "password": config.api_key.get_secret_value(),
        "user_domain_name": config.user_domain_name or domain,
        **project,
    }


def _authority_file(written: str) -> str:
    """The SDK takes a file only; certificates are no secret."""
    if "-----BEGIN" not in written:
        return written
    with tempfile.NamedTemporaryFile("w", prefix="compleat-ca-", suffix=".pem", delete=False) as stream:
        stream.write(written)
    return str(Path(stream.name))
