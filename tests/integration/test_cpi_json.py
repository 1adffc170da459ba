"""The cpi.json of BOSH's three CPI releases, as their jobs render it: read as it is, and the plugins work with it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.aws.preflight import unused_settings as aws_unused
from cpi.clouds.aws.wire import config as aws_config
from cpi.clouds.azure.preflight import unused_settings as azure_unused
from cpi.clouds.azure.wire import config as azure_config
from cpi.clouds.openstack.preflight import unused_settings as openstack_unused
from cpi.clouds.openstack.wire import config as openstack_config
from cpi.contract.errors import NotFoundError
from cpi.contract.progress import NO_PROGRESS
from cpi.contract.values import OwnerQuery
from cpi.plugins import find_plugin
from cpi.serve import server, settings
from cpi.serve.served_plugin import ServedPlugin
from tests.support.aws import shared
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.corpus import CORPUS

RECORDED = CORPUS.parent / "findings" / "inputs" / "clouds" / "cpijson"
AGENT = {"ntp": ["0.pool.ntp.org"], "mbus": "nats://n:p@10.0.0.6:4222", "blobstore": {"provider": "local"}}
BESIDE = {"registry": {"endpoint": "http://u:p@10.0.0.6:25777", "user": "u"}, "debug": {"cpi": {"api_version": 2}}}
AWS: dict[str, Any] = {
    "credentials_source": "static",
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key": "test-secret-key",
    "session_token": None,
    "role_arn": None,
    "default_iam_instance_profile": None,
    "default_key_name": "bosh",
    "default_security_groups": ["bosh"],
    "max_retries": "8",
    "encrypted": False,
    "kms_key_arn": None,
    "metadata_options": None,
    "dualstack": False,
    "enable_describe_instance_types": True,
    "elb_endpoint": None,
    "region": "us-east-1",
}
AZURE: dict[str, Any] = {
    "credentials_source": "static",
    "environment": "AzureCloud",
    "location": None,
    "resource_group_name": "byo",
    "use_managed_disks": True,
    "storage_account_name": None,
    "ssh_user": "vcap",
    "ssh_public_key": "ssh-rsa AAA",
    "certificate": None,
    "default_managed_identity": None,
    "default_security_group": "nsg",
    "parallel_upload_thread_num": 16,
    "pip_idle_timeout_in_minutes": "4",
    "debug_mode": False,
    "use_default_account_for_cleaning": False,
    "keep_failed_vms": False,
    "enable_telemetry": False,
    "enable_vm_boot_diagnostics": False,
    "compute_gallery_name": None,
    "compute_gallery_replicas": 3,
}
OPENSTACK: dict[str, Any] = {
    "auth_url": "http://127.0.0.1:1/v3",
    "username": "u",
    "api_key": 4711,
    "domain": "d",
    "user_domain_name": None,
    "project_domain_name": None,
    "project": "p",
    "project_id": None,
    "tenant": None,
    "application_credential_id": None,
    "application_credential_secret": None,
    "region": None,
    "endpoint_type": "publicURL",
    "default_key_name": "bosh",
    "default_security_groups": ["bosh"],
    "default_volume_type": None,
    "wait_resource_poll_interval": 5,
    "state_timeout": "300",
    "ignore_server_availability_zone": False,
    "use_nova_networking": False,
    "enable_auto_anti_affinity": False,
    "stemcell_public_visibility": False,
    "boot_from_volume": False,
    "config_drive": None,
    "use_dhcp": True,
    "human_readable_vm_names": False,
    "connection_options": {"ca_cert": None, "ssl_verify_peer": True, "connect_timeout": "5"},
}
"""The properties of each job's spec, rendered with their defaults; null is not set."""


def _file(folder: Path, plugin: str, properties: dict[str, Any]) -> settings.ServedSettings:
    document = {"cloud": {"plugin": plugin, "properties": {plugin: properties, "agent": AGENT, **BESIDE}}}
    path = folder / "cpi.json"
    path.write_text(json.dumps(document))
    return settings.load_settings(str(path), plugin)


def test_that_of_aws_works_on_the_emulator(tmp_path: Path) -> None:
    emulator = shared.fresh_emulator()
    served = _file(tmp_path, "aws", {**AWS, "ec2_endpoint": emulator.endpoint})
    connected = find_plugin("aws").connect(served.connect_settings({}, NO_PROGRESS))
    assert connected.finder is not None
    assert connected.finder.find_vms(OwnerQuery(environment="bosh")) == ()
    assert served.agent == AGENT


def _endpoints(azure: StandIn) -> dict[str, Any]:
    made = azure.settings()
    login = {"client_id": made["credentials"]["client_id"], "client_secret": made["credentials"]["client_secret"]}
    return {**{name: made[name] for name in ("subscription_id", "tenant_id", "endpoints")}, **login}


def test_that_of_azure_works_on_the_stand_in_where_its_resource_group_is(tmp_path: Path) -> None:
    with azure_stand_in(tmp_path) as azure:
        path = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/byo"
        group = {"id": path, "name": "byo", "type": "Microsoft.Resources/resourceGroups", "location": "westeurope"}
        azure.place.store.put(Held(id=path, body={**group, "properties": {"provisioningState": "Succeeded"}}))
        served = _file(tmp_path, "azure", {**AZURE, **_endpoints(azure)})
        connected = find_plugin("azure").connect(served.connect_settings({}, NO_PROGRESS))
        assert connected.finder is not None and connected.identity is not None
        assert connected.finder.find_vms(OwnerQuery(environment="bosh")) == ()
        assert connected.identity.identify().facts["region"] == "westeurope"
        absent = _file(tmp_path, "azure", {**AZURE, **_endpoints(azure), "resource_group_name": "nobodys"})
        with pytest.raises(NotFoundError, match="unknown-resource-group"):
            find_plugin("azure").connect(absent.connect_settings({}, NO_PROGRESS))
    assert (served.user, served.public_key) == ("vcap", "ssh-rsa AAA")


def test_that_of_openstack_is_a_whole_login(tmp_path: Path) -> None:
    served = _file(tmp_path, "openstack", OPENSTACK)
    found = openstack_config.read_config(served.connect_settings({}, NO_PROGRESS).properties)
    assert (found.api_key.get_secret_value(), found.state_timeout) == ("4711", 300)
    find_plugin("openstack").connect(served.connect_settings({}, NO_PROGRESS))


def test_what_means_nothing_here_is_a_remark() -> None:
    azure = azure_config.read_config({**AZURE, "subscription_id": "s", "client_id": "c", "client_secret": "x"})
    aws = aws_config.read_config(AWS)
    openstack = openstack_config.read_config(OPENSTACK)
    told = [
        *azure_unused.of_settings(azure),
        *aws_unused.of_settings(aws),
        *openstack_unused.of_settings(openstack),
    ]
    assert {one.code for one in told} == {"setting-unused"} and not any(one.is_fatal for one in told)
    words = " ".join(one.what for one in told)
    assert all(name in words for name in ("ssh_public_key", "keep_failed_vms", "max_retries", "use_nova_networking"))


LOGINS: Mapping[str, Mapping[str, Any]] = {
    "aws": AWS,
    "azure": {**AZURE, "location": "westeurope", "subscription_id": "s", "client_id": "c", "client_secret": "x"},
    "openstack": OPENSTACK,
}
NO_CALL = {"tenant_id": "t"}


@pytest.mark.parametrize(
    ("plugin", "setting"),
    [("aws", "max_retries"), ("azure", "keep_failed_vms"), ("openstack", "use_nova_networking")],
)
def test_a_connected_plugin_has_those_remarks(plugin: str, setting: str, tmp_path: Path) -> None:
    more = NO_CALL if plugin == "azure" else {}
    served = _file(tmp_path, plugin, {**LOGINS[plugin], **more})
    remarks = find_plugin(plugin).connect(served.connect_settings({}, NO_PROGRESS)).setting_remarks
    assert any(setting in remark.what for remark in remarks)
    assert {(remark.code, remark.is_fatal) for remark in remarks} == {("setting-unused", False)}


def test_each_call_but_info_logs_them_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    emulator = shared.fresh_emulator()
    _file(tmp_path, "aws", {**AWS, "ec2_endpoint": emulator.endpoint})
    service = ServedPlugin(plugin="aws", config=str(tmp_path / "cpi.json"))
    asked = {"arguments": ["i-0123456789abcdef0"], "context": {}, "api_version": 2}
    answers = [json.loads(server.answer(service, json.dumps({**asked, "method": "has_vm"}).encode()))]
    logged = capsys.readouterr()
    answers.append(json.loads(server.answer(service, json.dumps({**asked, "method": "info"}).encode())))
    assert (answers[0]["result"], answers[0]["log"], answers[0]["error"]) == (False, "", None)
    assert answers[1]["result"] and capsys.readouterr().err == ""
    assert logged.out == ""
    first = "setting-unused: The setting max_retries has no effect on AWS. The engine repeats each call"
    assert [line.startswith("setting-unused: ") for line in logged.err.splitlines()] == [True, True]
    assert logged.err.startswith(first)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded files are not beside the project")
@pytest.mark.parametrize("plugin", ["aws", "azure", "openstack"])
def test_what_the_releases_rendered_once_is_read(plugin: str) -> None:
    served = settings.load_settings(str(RECORDED / f"{plugin}-rendered.json"), plugin)
    readers: Mapping[str, Callable[[Any], object]] = {
        "aws": aws_config.read_config,
        "azure": azure_config.read_config,
        "openstack": openstack_config.read_config,
    }
    assert readers[plugin](served.connect_settings({}, NO_PROGRESS).properties)
