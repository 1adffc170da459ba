"""What AWS and this machine know before an environment is written: profiles, and the regions of the account.

Takes a SetupCall, gives suggestions. Nothing is created.
"""

import os
from collections.abc import Mapping
from types import MappingProxyType

from cpi.clouds.aws.wire import credentials
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig, read_config
from cpi.contract.setup import AnswerChoice, SetupCall, Suggest, Suggestions

_FIRST_REGION = "us-east-1"
"""Where the account lists its regions: every account has this one."""


def suggest_login(call: SetupCall) -> Suggestions:
    """The profiles of ~/.aws; "" is what the SDK finds by itself."""
    profiles, reason = credentials.find_profiles()
    if reason:
        return Suggestions(note=f"The profiles of ~/.aws could not be read: {reason}")
    has_variables = bool(os.environ.get("AWS_ACCESS_KEY_ID"))
    found = "the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" if has_variables else "what the AWS SDK finds"
    choices = [AnswerChoice(value=""), *(AnswerChoice(value=name) for name in profiles)]
    if not profiles and not has_variables:
        return Suggestions(note="No profile was found; `aws configure` or `aws configure sso` writes one.")
    default = os.environ.get("AWS_PROFILE", "")
    choices[0] = AnswerChoice(value="", label=found)
    return Suggestions(choices=tuple(choices), default=default if default in profiles else "")


def suggest_location(call: SetupCall) -> Suggestions:
    """The regions that the account may use; the default is the profile's own. Raises CloudError."""
    config = _config(call.properties)
    answer = Api(config).read("ec2", "DescribeRegions")
    names = sorted(str(one["RegionName"]) for one in answer["Regions"])
    own = credentials.region_of(config.profile)
    default = next((name for name in (own, _FIRST_REGION, *names) if name in names), None)
    return Suggestions(choices=tuple(AnswerChoice(value=name) for name in names), default=default, is_closed=True)


def _config(properties: Mapping[str, object]) -> AwsConfig:
    """The settings so far, in the first region where none is answered yet."""
    known = {name: value for name, value in properties.items() if name not in {"region", "public_sources", "zones"}}
    return read_config({"region": _FIRST_REGION, **known})  # type: ignore[dict-item]  # the file's own values


SOURCES: Mapping[str, Suggest] = MappingProxyType({"login": suggest_login, "location": suggest_location})
