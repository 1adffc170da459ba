"""The valid settings, and the errors of invalid ones."""

import pytest

from cpi.clouds.aws.wire import config
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue
from tests.unit.cpi.clouds.aws import requests


def test_zones_are_the_regions_first_three_unless_said() -> None:
    assert requests.config().zone_names() == ("us-east-1a", "us-east-1b", "us-east-1c")
    assert requests.config(zones=["us-east-1d"]).zone_names() == ("us-east-1d",)


def test_no_secret_is_in_a_repr_or_an_error() -> None:
    written: dict[str, JsonValue] = {"secret_access_key": "hush-hush", "session_token": "hush-token"}
    read = requests.config(access_key_id="AKIA", **written)
    assert "hush" not in repr(read) + str(read)
    with pytest.raises(CloudError) as raised:
        config.read_config({**written, "regoin": "us-east-1", "access_key_id": 7})
    assert "hush" not in f"{raised.value.what} {raised.value.why} {raised.value.fix} {raised.value.__cause__}"


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ({}, "'region' is missing"),
        ({"region": "Frankfurt"}, "eu-central-1"),
        ({"region": "us-east-1", "access_key_id": "AKIA"}, "must be set together"),
        ({"region": "us-east-1", "credentials_source": "static"}, "requires access_key_id"),
        ({"region": "us-east-1", "endpoint_url": "localhost:80"}, "https://host"),
        ({"region": "us-east-1", "metadata_options": {"http_tokens": "never"}}, "http_tokens"),
    ],
)
def test_settings_that_are_not_right_are_told(written: dict[str, JsonValue], word: str) -> None:
    with pytest.raises(CloudError) as raised:
        config.read_config(written)
    assert (raised.value.code, word in raised.value.why) == ("cloud-config-invalid", True)


def test_a_misspelt_setting_is_told_with_the_nearest() -> None:
    with pytest.raises(CloudError) as raised:
        config.read_config({"region": "us-east-1", "secret_acces_key": "x"})
    assert raised.value.fix == "Write 'secret_access_key'."


@pytest.mark.parametrize(
    ("model", "written", "near"),
    [
        (config.VmProperties, {"instance_typ": "t3.micro"}, "instance_type"),
        (config.DiskProperties, {"troughput": 125}, "throughput"),
        (config.NetworkProperties, {"security_group": "a"}, "security_groups"),
    ],
)
def test_an_unknown_cloud_property_is_told_with_the_nearest(
    model: type[config.VmProperties], written: dict[str, JsonValue], near: str
) -> None:
    with pytest.raises(CloudError) as raised:
        config.read_properties(model, written, where="VM 'web-0'")
    assert (raised.value.code, raised.value.fix) == ("unknown-cloud-property", f"Write '{near}'.")


def test_every_name_of_boshs_aws_cpi_is_read() -> None:
    """Source: docs-bosh aws-cpi.md; one of each scope, all at once."""
    read = config.read_properties(
        config.VmProperties,
        {
            "instance_type": "m6i.large",
            "availability_zone": "us-east-1a",
            "security_groups": "web",
            "key_name": "k",
            "iam_instance_profile": "p",
            "placement_group": "g",
            "tenancy": "dedicated",
            "auto_assign_public_ip": True,
            "source_dest_check": False,
            "raw_instance_storage": False,
            "metadata_options": {"http_tokens": "required"},
            "tags": {"a": "b"},
            "spot_bid_price": 0.5,
            "spot_ondemand_fallback": True,
            "elbs": [],
            "lb_target_groups": [],
            "advertised_routes": [],
            "ephemeral_disk": {"size": "10240", "type": "gp3", "iops": 3000, "throughput": 125, "encrypted": True},
            "root_disk": {"size": 20480, "type": "gp3", "iops": 3000, "throughput": 125},
        },
        where="VM",
    )
    assert (read.security_groups, read.ephemeral_disk and read.ephemeral_disk.size) == (("web",), 10240)
    disk: dict[str, JsonValue] = {
        "type": "io2",
        "iops": 100,
        "throughput": 125,
        "encrypted": True,
        "kms_key_arn": "arn",
        "tags": {},
    }
    assert config.read_properties(config.DiskProperties, disk, where="disk").iops == 100
