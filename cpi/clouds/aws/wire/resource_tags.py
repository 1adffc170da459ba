"""Tags in AWS's form: the owner key from creation on, what a thing is, and what a VM's networks were asked to be.

Takes owners and values, gives tag lists; and back.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from cpi.clouds.aws.wire import names
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkSettings, OwnerKey, OwnerQuery, deployment_text
from cpi.kit import network_settings, tag_limits
from cpi.kit import tags as owner_tags
from cpi.kit.tag_limits import TagLimits

LIMITS = TagLimits(
    cloud="AWS",
    most=50,
    longest_name=128,
    longest_value=256,
    forbidden=re.compile(r"[\x00-\x1f\x7f]"),
    allowed="printable characters",
    reserved=("aws:",),
)
"""EC2's; its tags may have any character, those of a bucket may not."""
_NOT_ON_BUCKETS = re.compile(r"[^\w .:/=+@-]")
_CHUNK = 240
_RETAGS = frozenset({"CreateTags"})
"""Calls whose tags are for something that has been made."""
_DOCUMENTS = (names.NETWORKS_TAG, names.REGISTRATIONS_TAG)
_OWN = owner_tags.OWNER_TAGS | {names.KIND_TAG, names.NAME_TAG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is written on a thing: whose it is, its `kind` and `name` in our words, and tags of others."""

    owner: OwnerKey
    kind: str
    name: str = ""
    others: Mapping[str, str] = field(default_factory=dict)

    def whole(self) -> dict[str, str]:
        """All of it as tags."""
        named = {"Name": self.name} if self.name else {}
        own = {**owner_tags.tags_of(self.owner), names.KIND_TAG: self.kind, names.NAME_TAG: self.name}
        return {**named, **self.others, **own}


def write_tags(label: Label) -> list[dict[str, str]]:
    """The tags. Raises CloudError: too-many-tags, tag-not-allowed."""
    return aws_tags(label.whole())


def specify(label: Label, *resource_types: str) -> list[dict[str, Any]]:
    """TagSpecifications of a create."""
    return [{"ResourceType": each, "Tags": write_tags(label)} for each in resource_types]


def aws_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as EC2 wants them, checked; names and values too long for it are cut, as BOSH's CPI does."""
    kept = tag_limits.cut(tags, LIMITS)
    tag_limits.require(kept, LIMITS)
    return [{"Key": key, "Value": value} for key, value in kept.items()]


def with_environments_tags(operation: str, parameters: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a create with the environment's tags beside its own, which win; other calls as they are.

    Raises CloudError, code too-many-tags.
    """
    answer = dict(parameters)
    if not tags or operation in _RETAGS:
        return answer
    if "TagSpecifications" in answer:
        answer["TagSpecifications"] = [
            {**one, "Tags": _beside(one["Tags"], tags)} for one in answer["TagSpecifications"]
        ]
    if "Tags" in answer:
        answer["Tags"] = _beside(answer["Tags"], tags)
    if "Tags" in answer.get("CreateBucketConfiguration", {}):
        place = answer["CreateBucketConfiguration"]
        answer["CreateBucketConfiguration"] = {**place, "Tags": _beside(place["Tags"], tags)}
    return answer


def check_environments_tags(tags: Mapping[str, str]) -> None:
    """Refuse tags that AWS does not keep, and reserved names. Raises CloudError: tag-not-allowed, tag-too-long."""
    check_others(tags)
    tag_limits.require(tags, LIMITS)
    for key, value in tags.items():
        if _NOT_ON_BUCKETS.search(key + value):
            raise CloudError(
                "tag-not-allowed",
                f"Tag '{key[:40]}' has a character that AWS does not allow on buckets.",
                why="Allowed are letters, digits, spaces and _ . : / = + - @ in names and values.",
                fix="Correct `tags` in the environment's file.",
            )


def check_others(tags: Mapping[str, str]) -> None:
    """Refuse to overwrite the owner key. Raises CloudError, code tag-not-allowed."""
    for key in tags:
        if key in _OWN or key.startswith(_DOCUMENTS):
            raise tag_limits.reserved(key)


def read_tags(written: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """A resource's tags."""
    return {tag["Key"]: tag["Value"] for tag in written}


def other_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """What is on a resource beside what we wrote for ourselves; "Name" was ours if it is the name."""
    others = {key: value for key, value in tags.items() if key not in _OWN}
    if others.get("Name") == tags.get(names.NAME_TAG):
        others.pop("Name", None)
    return {key: value for key, value in others.items() if not key.startswith(_DOCUMENTS)}


def query_filters(query: OwnerQuery, kind: str) -> dict[str, str]:
    """EC2's filters for our things of a kind."""
    wanted = {f"tag:{owner_tags.ENVIRONMENT}": query.environment, f"tag:{names.KIND_TAG}": kind}
    if query.deployment is not None:
        wanted[f"tag:{owner_tags.DEPLOYMENT}"] = deployment_text(query.deployment)
    return wanted


def owner_filters(owner: OwnerKey, kind: str) -> dict[str, str]:
    """EC2's filters for what one action made."""
    query = OwnerQuery(environment=owner.environment, deployment=owner.deployment)
    return {**query_filters(query, kind), f"tag:{owner_tags.ACTION}": owner.action}


def network_tags(networks: tuple[NetworkSettings, ...]) -> dict[str, str]:
    """A VM's networks as it was given them, cut to what tags can hold."""
    document = json.dumps([network_settings.write_network(network) for network in networks], separators=(",", ":"))
    return write_document(names.NETWORKS_TAG, document)


def read_networks(tags: Mapping[str, str]) -> tuple[NetworkSettings, ...]:
    """The networks from the tags; none where there are no such tags."""
    document = read_document(names.NETWORKS_TAG, tags)
    return tuple(network_settings.read_network(each) for each in json.loads(document)) if document else ()


def write_document(name: str, document: str) -> dict[str, str]:
    """A text in pieces that tags can hold."""
    text = base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")
    pieces = [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)]
    return {f"{name}-{number:02}": piece for number, piece in enumerate(pieces)}


def read_document(name: str, tags: Mapping[str, str]) -> str:
    """The text from the tags, "" where there are no such tags."""
    pieces = sorted((key, value) for key, value in tags.items() if key.startswith(f"{name}-"))
    text = "".join(value for _, value in pieces)
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def _beside(own: Iterable[Mapping[str, str]], tags: Mapping[str, str]) -> list[dict[str, str]]:
    return aws_tags({**tags, **read_tags(own)})
