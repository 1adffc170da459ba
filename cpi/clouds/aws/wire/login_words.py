"""By which way the plugin signs in to AWS, for people and without secrets.

Takes settings and what the SDK found, gives words. Asks AWS nothing.
"""

import os

from cpi.clouds.aws.wire.config import AwsConfig

_METHODS = {
    "env": "the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "assume-role-with-web-identity": "a federated token (AWS_WEB_IDENTITY_TOKEN_FILE)",
    "container-role": "the role of this container",
    "iam-role": "the role of this EC2 instance",
}
"""By the SDK's word for where it found credentials; all others are a profile's."""
_OF_PROFILES = {
    "assume-role": "its role",
    "assume-role-with-web-identity": "a federated token",
    "custom-process": "its credential_process",
    "sso": "single sign-on",
}


def describe_login(config: AwsConfig, method: str) -> str:
    """`method` is the SDK's word for where it found the credentials, "" while it has not looked."""
    first = _first(config, "" if config.role_arn else method)
    if not config.role_arn:
        return first
    more = f"session '{config.role_session_name}'" + (", with an external id" if config.external_id else "")
    return f"{first}, then role {config.role_arn} ({more})"


def _first(config: AwsConfig, method: str) -> str:
    if config.access_key_id:
        session = " and a session token" if config.session_token.get_secret_value() else ""
        return f"access key {config.access_key_id}{session} of the settings"
    profile = config.profile or os.environ.get("AWS_PROFILE", "")
    has_keys = bool(os.environ.get("AWS_ACCESS_KEY_ID")) and not config.profile
    if method == "env" or (has_keys and not method):
        return _METHODS["env"]
    if profile:
        by = _OF_PROFILES.get(method, "")
        source = "" if config.profile else " (AWS_PROFILE)"
        return f"profile '{profile}'{source}" + (f", by {by}" if by else "")
    if method in _METHODS:
        return _METHODS[method]
    return "profile 'default'" if method else "the first that the AWS SDK finds (variables, profile 'default', roles)"
