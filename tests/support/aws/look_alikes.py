"""Resources of others that look like compleat's: another environment's tags, a part of them, names alone.

Takes an emulator, plants 300; gives their ids.
"""

from typing import Any

import boto3

from cpi.kit import tags
from tests.support.aws.emulator import Emulator

_EACH = 50


def plant(emulator: Emulator, environment: str) -> frozenset[str]:
    """50 of each of three kinds of tags, as volumes and as security groups."""
    ec2: Any = boto3.client(
        "ec2",
        endpoint_url=emulator.endpoint,
        region_name=emulator.region,
        aws_access_key_id=emulator.access_key,
        aws_secret_access_key=emulator.secret_key,
    )
    planted: set[str] = set()
    for number in range(_EACH):
        for kind, tagged in enumerate(_tags(environment, number)):
            written = [{"Key": key, "Value": value} for key, value in tagged.items()]
            volume = ec2.create_volume(
                AvailabilityZone=f"{emulator.region}a",
                Size=1,
                TagSpecifications=[{"ResourceType": "volume", "Tags": written}],
            )
            group = ec2.create_security_group(
                GroupName=f"{environment}-{kind}-{number}",
                Description="compleat",
                TagSpecifications=[{"ResourceType": "security-group", "Tags": written}],
            )
            planted |= {volume["VolumeId"], group["GroupId"]}
    return frozenset(planted)


def _tags(environment: str, number: int) -> tuple[dict[str, str], ...]:
    """Of an environment with a longer name; without the action; a name alone."""
    other = {tags.ENVIRONMENT: f"{environment}-{number}", tags.DEPLOYMENT: "hello", tags.ACTION: f"{number}/create"}
    return other, {tags.ENVIRONMENT: environment, tags.DEPLOYMENT: "hello"}, {"Name": f"{environment}-{number}"}
