"""By which way a plugin signs in, for people: each way is named, and no secret is in them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cpi.clouds.aws.wire import login_words as aws_words
from cpi.clouds.azure.wire import config as azure_config
from cpi.clouds.azure.wire import login_words as azure_words
from cpi.clouds.openstack.wire import config as openstack_config
from cpi.clouds.openstack.wire import login_words as openstack_words
from tests.unit.cpi.clouds.aws import requests as aws_requests

SECRET = "hush-hush"
KEYS = {"access_key_id": "AKIAEXAMPLE", "secret_access_key": SECRET}
ROLE = "arn:aws:iam::123456789012:role/operator"


@contextmanager
def _variables(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize(
    ("written", "variables", "method", "words"),
    [
        (KEYS, {}, "explicit", "access key AKIAEXAMPLE of the settings"),
        ({**KEYS, "session_token": SECRET}, {}, "", "access key AKIAEXAMPLE and a session token of the settings"),
        ({"profile": "prod"}, {}, "shared-credentials-file", "profile 'prod'"),
        ({"profile": "prod"}, {}, "sso", "profile 'prod', by single sign-on"),
        ({}, {"AWS_PROFILE": "prod"}, "custom-process", "profile 'prod' (AWS_PROFILE), by its credential_process"),
        ({}, {"AWS_PROFILE": "prod"}, "env", "the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({}, {}, "iam-role", "the role of this EC2 instance"),
        ({}, {}, "assume-role-with-web-identity", "a federated token (AWS_WEB_IDENTITY_TOKEN_FILE)"),
        ({}, {}, "config-file", "profile 'default'"),
        ({}, {}, "", "the first that the AWS SDK finds (variables, profile 'default', roles)"),
        (
            {**KEYS, "role_arn": ROLE, "external_id": "their-secret", "role_session_name": "ci"},
            {},
            "assume-role",
            f"access key AKIAEXAMPLE of the settings, then role {ROLE} (session 'ci', with an external id)",
        ),
        (
            {"role_arn": ROLE},
            {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": SECRET},
            "assume-role",
            f"the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then role {ROLE} (session 'compleat')",
        ),
    ],
)
def test_the_ways_to_aws(written: dict[str, Any], variables: dict[str, str], method: str, words: str) -> None:
    with _variables(variables):
        found = aws_words.describe_login(aws_requests.config(**written), method)
    assert found == words
    assert SECRET not in found and "their-secret" not in found


@pytest.mark.parametrize(
    ("credentials", "variables", "words"),
    [
        ({"kind": "file", "path": "/p.json"}, {}, "the service principal in /p.json"),
        (
            {"kind": "client_secret", "client_id": "app", "client_secret": SECRET},
            {},
            "a client secret of application app",
        ),
        (
            {"kind": "certificate", "client_id": "app", "path": "/c.pem"},
            {},
            "a certificate of application app (/c.pem)",
        ),
        (
            {"kind": "workload_identity"},
            {"AZURE_CLIENT_ID": "app", "AZURE_FEDERATED_TOKEN_FILE": "/token"},
            "a federated token for application app (/token)",
        ),
        (
            {"kind": "environment"},
            {"AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": SECRET},
            "the AZURE_* variables: application app, AZURE_CLIENT_SECRET",
        ),
        ({"kind": "managed_identity"}, {}, "the managed identity of this VM"),
        ({"kind": "managed_identity", "client_id": "id"}, {}, "managed identity id"),
        ({"kind": "cli"}, {}, "the user of `az login`"),
        ({"kind": "device_code"}, {}, "a user, by device code"),
    ],
)
def test_the_ways_to_azure(credentials: dict[str, Any], variables: dict[str, str], words: str) -> None:
    settings = azure_config.read_config({"subscription_id": "s", "location": "l", "credentials": credentials})
    with _variables(variables):
        found = azure_words.describe_login(settings)
    assert (found, SECRET in found) == (words, False)


URL = {"auth_url": "https://cloud:5000/v3"}
USER = {**URL, "username": "me", "api_key": SECRET, "project": "work"}
VARIABLES = {"OS_AUTH_URL": "https://cloud:5000/v3", "OS_PASSWORD": SECRET}


@pytest.mark.parametrize(
    ("written", "variables", "words"),
    [
        (USER, {}, "user 'me' of the settings, by password"),
        ({"cloud": "eu"}, {}, "cloud 'eu' of clouds.yaml"),
        ({"cloud": "eu", "clouds_file": "/c.yaml"}, {}, "cloud 'eu' of /c.yaml"),
        ({"cloud": "eu"}, {"OS_CLIENT_CONFIG_FILE": "/mine.yaml"}, "cloud 'eu' of /mine.yaml"),
        (
            {**URL, "application_credential_id": "app", "application_credential_secret": SECRET},
            {},
            "application credential app of the settings",
        ),
        ({}, {"OS_CLOUD": "eu"}, "cloud 'eu' of clouds.yaml (OS_CLOUD)"),
        ({}, {**VARIABLES, "OS_USERNAME": "me"}, "the OS_* variables: user 'me', by password"),
        (
            {},
            {**VARIABLES, "OS_APPLICATION_CREDENTIAL_ID": "app"},
            "the OS_* variables: application credential app",
        ),
    ],
)
def test_the_ways_to_openstack(written: dict[str, Any], variables: dict[str, str], words: str) -> None:
    with _variables(variables):
        found = openstack_words.describe_login(openstack_config.read_config(written))
    assert (found, SECRET in found) == (words, False)
