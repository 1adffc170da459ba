"""The login for OpenStack from the process's variables, and domains by id."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpi.clouds.openstack import setup
from cpi.clouds.openstack.wire import config, credentials
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.errors import CloudError
from cpi.contract.setup import SetupCall
from tests.unit.cpi.clouds.openstack.requests import WRITTEN, settings

RC = {
    "OS_AUTH_URL": "https://cloud:5000/v3",
    "OS_USERNAME": "me",
    "OS_PASSWORD": "hush-hush",
    "OS_PROJECT_NAME": "work",
    "OS_USER_DOMAIN_ID": "default",
    "OS_PROJECT_DOMAIN_ID": "default",
    "OS_REGION_NAME": "one",
    "OS_IDENTITY_API_VERSION": "3",
}


def test_an_rc_file_is_a_whole_login() -> None:
    with _variables(**RC):
        found = credentials.read_region(config.read_config({})).config
        other = credentials.read_region(config.read_config({"region": "other"})).config
    auth = found["auth"]
    assert (auth["username"], auth["password"], auth["user_domain_id"]) == ("me", "hush-hush", "default")
    assert (found["region_name"], other["region_name"]) == ("one", "other")


def test_an_rc_file_of_an_application_credential_is_one_too() -> None:
    credential = {"OS_APPLICATION_CREDENTIAL_ID": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "hush-hush"}
    with _variables(OS_AUTH_TYPE="v3applicationcredential", OS_AUTH_URL=RC["OS_AUTH_URL"], **credential):
        found = credentials.read_region(config.read_config({})).config
    assert (found["auth_type"], found["auth"]["application_credential_id"]) == ("v3applicationcredential", "a")


def test_without_login_and_variables_what_helps_is_named() -> None:
    with _variables(), pytest.raises(CloudError) as raised:
        credentials.read_region(config.read_config({}))
    assert (raised.value.code, "openrc.sh" in raised.value.fix) == ("credentials-missing", True)


def test_an_unknown_cloud_of_the_variables_is_named_without_secrets() -> None:
    with _variables(**RC, OS_CLOUD="nobodys"), pytest.raises(CloudError) as raised:
        credentials.read_region(config.read_config({}))
    error = raised.value
    assert (error.code, "nobodys" in error.why) == ("credentials-missing", True)
    assert "hush-hush" not in f"{error.what}{error.why}{error.fix}"


def test_the_files_login_wins_over_the_variables() -> None:
    with _variables(**RC):
        assert credentials.read_region(config.read_config(WRITTEN)).config["auth"]["username"] == WRITTEN["username"]


def test_a_variable_names_the_file_of_clouds(tmp_path: Path) -> None:
    cloud = {"auth": {"auth_url": RC["OS_AUTH_URL"], "username": "me", "password": "hush-hush", "project_name": "work"}}
    (tmp_path / "mine.yaml").write_text(json.dumps({"clouds": {"eu": cloud}}))
    call = SetupCall(environment="e", properties={}, user_home=str(tmp_path))
    with _variables(OS_CLIENT_CONFIG_FILE=str(tmp_path / "mine.yaml")):
        found = credentials.read_region(config.read_config({"cloud": "eu"})).config
        suggested = setup.suggest_login(call)
    with _variables(OS_CLIENT_CONFIG_FILE=str(tmp_path / "nowhere.yaml")):
        without = setup.suggest_login(call)
    assert found["auth"]["username"] == "me"
    assert ([choice.value for choice in suggested.choices], suggested.default) == (["eu"], "eu")
    assert (without.choices, "clouds.yaml" in without.note) == ((), True)


def test_domains_go_by_id_or_by_name_and_not_by_both() -> None:
    written = {**WRITTEN, "user_domain_id": "u", "project_domain_id": "p"}
    auth = credentials.read_region(config.read_config(written)).config["auth"]
    assert (auth["user_domain_id"], auth["project_domain_id"]) == ("u", "p")
    assert not {"user_domain_name", "project_domain_name"} & auth.keys()
    with pytest.raises(CloudError, match="cloud-config-invalid"):
        config.read_config({**written, "user_domain_name": "n"})


def test_a_file_of_authorities_that_is_not_there_is_named() -> None:
    api = Api(settings(auth_url="https://127.0.0.1:9/v3", connection_options={"ca_cert": "/nope.pem"}))
    with pytest.raises(CloudError, match="cloud-not-trusted") as raised:
        list(api.list_all("compute", "/servers", "servers"))
    assert "/nope.pem" in raised.value.why


@contextmanager
def _variables(**wanted: str) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("OS_")]:
        del os.environ[name]
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
