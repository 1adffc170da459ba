"""By which way the plugin signs in to OpenStack, for people and without secrets.

Takes settings, gives words. Asks OpenStack nothing.
"""

import os

from cpi.clouds.openstack.wire.config import CLOUDS_VARIABLE, OpenStackConfig


def describe_login(config: OpenStackConfig) -> str:
    """The login that the settings choose, and whose."""
    if config.cloud:
        return f"cloud '{config.cloud}' of {config.clouds_file or os.environ.get(CLOUDS_VARIABLE) or 'clouds.yaml'}"
    if config.is_from_environment():
        return _of_variables()
    if config.application_credential_id:
        return f"application credential {config.application_credential_id} of the settings"
    return f"user '{config.username}' of the settings, by password"


def _of_variables() -> str:
    if os.environ.get("OS_CLOUD"):
        return f"cloud '{os.environ['OS_CLOUD']}' of clouds.yaml (OS_CLOUD)"
    if os.environ.get("OS_APPLICATION_CREDENTIAL_ID"):
        return f"the OS_* variables: application credential {os.environ['OS_APPLICATION_CREDENTIAL_ID']}"
    if os.environ.get("OS_TOKEN"):
        return "the OS_* variables: a token"
    return f"the OS_* variables: user '{os.environ.get('OS_USERNAME', '(not set)')}', by password"
