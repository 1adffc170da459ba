"""Ways to sign in that companies use, each broken: a sign-in error with the command that helps, and no question."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import read_config
from cpi.contract.errors import CloudError
from tests.support.aws.emulator import Emulator

_SSO = """
[profile corp]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
region = us-east-1

[sso-session corp]
sso_start_url = https://corp.invalid/start
sso_region = us-east-1
"""
_LEGACY_SSO = """
[profile corp]
sso_start_url = https://corp.invalid/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Admin
"""
_MFA = """
[profile corp]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me

[profile keys]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = hush-hush
"""
_TOKEN = """
[profile corp]
role_arn = arn:aws:iam::123456789012:role/admin
web_identity_token_file = /no/such/token
"""
_PROCESS = """
[profile corp]
credential_process = sh -c 'read answer </dev/tty || exit 7'
"""


@pytest.mark.parametrize("is_changing", [False, True], ids=["read", "change"])
@pytest.mark.parametrize(
    ("profile", "code", "words"),
    [
        (_SSO, "signed-out", "aws sso login --profile corp"),
        (_LEGACY_SSO, "signed-out", "aws sso login --profile corp"),
        (_MFA, "mfa-needed", "aws sts get-session-token"),
        (_TOKEN, "credentials-missing", "/no/such/token"),
        (_PROCESS, "credentials-missing", "custom-process"),
    ],
    ids=["sso", "legacy sso", "mfa", "token file", "process"],
)
def test_a_broken_sign_in_is_told_with_what_helps(
    emulator: Emulator, tmp_path: Path, capfd: pytest.CaptureFixture[str], profile: str, code: str, words: str,
    is_changing: bool,
) -> None:  # fmt: skip
    (tmp_path / "config").write_text(profile)
    settings = emulator.settings(access_key_id="", secret_access_key="", profile="corp")
    with _environment(AWS_CONFIG_FILE=str(tmp_path / "config"), HOME=str(tmp_path)):
        api = Api(read_config(settings))
        with pytest.raises(CloudError) as raised:
            if is_changing:
                api.change("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")
            else:
                api.read("ec2", "DescribeVpcs")
    error = raised.value
    assert (error.code, words in error.why + error.fix, error.retry.name) == (code, True, "NEVER")
    assert "hush" not in f"{error!r}{error.why}"
    assert (emulator.calls(), capfd.readouterr()) == ([], ("", ""))


@contextmanager
def _environment(**wanted: str) -> Iterator[None]:
    before: Mapping[str, str] = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
