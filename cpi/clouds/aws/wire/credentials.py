"""Who we are to AWS: a session that never asks a person, and credentials looked at before a request leaves.

Takes the plugin's settings, gives boto3's session. Whatever is wrong with a profile, a token's file, single sign-on or
a role is raised here, as a sign-in error: none of it may be taken for an answer that was lost.
"""

import functools
import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.session
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    SSLError,
    SSOError,
)

from cpi.clouds.aws.wire import refusals
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.kit.refusals import Call

SIGNING_IN = Call(name="AssumeRole", is_changing=False)


def find_profiles() -> tuple[list[str], str]:
    """The profiles of ~/.aws; and the SDK's reason where its files cannot be read, else ""."""
    try:
        return list(botocore.session.get_session().available_profiles), ""
    except BotoCoreError as error:
        return [], str(error)


def region_of(profile: str | None) -> str:
    """The region that the profile, or the SDK's own settings, name; "" where none does."""
    return str(botocore.session.Session(profile=profile or None).get_config_variable("region") or "")


def make_session(config: AwsConfig) -> boto3.Session:
    """A session of the settings' own credentials, profile or role, or of the SDK's chain."""
    # At level debug the SDK writes headers, a session token among them.
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.INFO)
    inner = botocore.session.get_session()
    session = boto3.Session(
        botocore_session=inner,
        aws_access_key_id=config.access_key_id or None,
        aws_secret_access_key=config.secret_access_key.get_secret_value() or None,
        aws_session_token=config.session_token.get_secret_value() or None,
        profile_name=config.profile or None,
        region_name=config.region,
    )
    _drop_log_handlers(inner)
    return _with_role(session, config) if config.role_arn else session


@contextmanager
def explaining(config: AwsConfig) -> Iterator[None]:
    """Within, what goes wrong is a sign-in error: a session made, credentials found, taken on, renewed.

    Raises DeniedError: credentials-missing, signed-out, mfa-needed, cloud-not-trusted; TransientError,
    code cloud-unreachable. Botocore's ClientError passes: it is AWS's own answer, such as a role that is refused.
    """
    try:
        yield
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise refusals.WIRE.unreachable(SIGNING_IN, _reason(error)) from error
    except SSLError as error:
        raise refusals.WIRE.untrusted(_reason(error)) from error
    except SSOError as error:
        raise refusals.signed_out(
            _reason(error), profile=config.profile or os.environ.get("AWS_PROFILE", "")
        ) from error
    except (BotoCoreError, OSError, ValueError, KeyError) as error:
        raise refusals.no_credentials(_reason(error)) from error


def renew_credentials(session: boto3.Session) -> None:
    """Have credentials that are good now; AWS is asked only where they are to be renewed."""
    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    credentials.get_frozen_credentials()


def _drop_log_handlers(session: botocore.session.Session) -> None:
    """Let no provider of credentials ask on the terminal, where this may be a thread, a pipeline, a CPI.

    The SDK's session has no public way to choose who asks for an MFA code; its providers take that as an argument.
    """
    chain: Any = session.get_component("credential_provider")
    chain.get_provider("assume-role")._prompter = _refuse_to_ask
    quiet = functools.partial(subprocess.Popen, stdin=subprocess.DEVNULL, start_new_session=True)
    chain.get_provider("custom-process")._popen = quiet


def _refuse_to_ask(prompt: str) -> str:
    raise refusals.mfa_needed(prompt.strip().rstrip(":"))


def _with_role(session: boto3.Session, config: AwsConfig) -> boto3.Session:
    """A session that takes on the role when first needed, and again before it expires."""

    def make_client(service: str, **more: Any) -> Any:
        return session.client(  # type: ignore[call-overload]
            service,
            **{**more, "endpoint_url": config.endpoint_url or None, "verify": config.ca or None},
        )

    fetcher = AssumeRoleCredentialFetcher(
        make_client,
        session.get_credentials(),
        config.role_arn,
        extra_args=_role_arguments(config),
    )
    inner = botocore.session.Session()
    credentials = DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)
    # The SDK has no public way to hand over credentials that renew themselves; this is how its own providers do it.
    inner._credentials = credentials  # type: ignore[attr-defined]
    return boto3.Session(botocore_session=inner, region_name=config.region)


def _role_arguments(config: AwsConfig) -> dict[str, Any]:
    more = {"ExternalId": config.external_id, "DurationSeconds": config.role_duration_s}
    return {"RoleSessionName": config.role_session_name, **{name: value for name, value in more.items() if value}}


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:400]
