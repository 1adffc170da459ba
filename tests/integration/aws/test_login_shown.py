"""`doctor` shows by which way it signed in to AWS, before its findings and in JSON, without a secret."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.aws import back
from tests.support.aws.emulator import Emulator
from tests.support.command import Compleat

pytestmark = pytest.mark.slow
ROLE = f"arn:aws:iam::{back.ACCOUNT}:role/operator"
KEYS = ("access_key_id", "secret_access_key")


def _doctor(home: Path, properties: Mapping[str, Any], *words: str) -> Any:
    (home / "environments").mkdir()
    file = home / "environments" / "shown.yml"
    file.touch(mode=0o600)
    file.write_text(
        yaml.safe_dump({"name": "shown", "cloud": "aws", "properties": dict(properties), "preflight_limit_s": 200})
    )
    return Compleat(home=home, environment="shown").run("doctor", *words)


def test_keys_and_a_role_of_the_settings_are_named(emulator: Emulator, tmp_path: Path) -> None:
    settings = emulator.settings(role_arn=ROLE, external_id="between-us", role_session_name="ci")
    ran = _doctor(tmp_path, settings, "--json").ended()
    (login,) = ran.json["logins"]
    assert login["login"].startswith(f"access key {settings['access_key_id']} of the settings, then role {ROLE}")
    assert login["login"].endswith("(session 'ci', with an external id)")
    assert not [secret for secret in ("between-us", settings["secret_access_key"]) if secret in ran.out + ran.err]


def test_a_profile_is_named_where_it_is_refused_too(emulator: Emulator, tmp_path: Path) -> None:
    written = emulator.settings()
    profile = "\n".join(("[prod]", *(f"aws_{name} = {written[name]}" for name in KEYS)))
    (tmp_path / "credentials").write_text(profile)
    settings = {name: value for name, value in written.items() if name not in KEYS} | {"profile": "prod"}
    before = os.environ.get("AWS_SHARED_CREDENTIALS_FILE")
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(tmp_path / "credentials")
    emulator.account.known_keys.add("AKIAOTHER")
    try:
        ran = _doctor(tmp_path, settings).ended(3)
    finally:
        os.environ.pop("AWS_SHARED_CREDENTIALS_FILE")
        if before is not None:
            os.environ["AWS_SHARED_CREDENTIALS_FILE"] = before
    assert ran.out.startswith("Login on aws: profile 'prod'.\n")
    assert "credentials-refused" in ran.err
