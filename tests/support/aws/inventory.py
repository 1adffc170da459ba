"""What the account holds by moto's own word: for leak checks, never through the plugin.

Takes a region, gives counts and names.
"""

from dataclasses import dataclass
from typing import Any

from tests.support.aws import back


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One thing: `kind` is EC2's word, `tags` are all of its tags."""

    kind: str
    id: str
    tags: dict[str, str]


def take_inventory(region: str = back.REGION) -> tuple[Held, ...]:
    """Everything that someone made; what every account has from the start is left out."""
    backend = back.ec2(region)
    shelves: dict[str, list[Any]] = {
        "instance": back.instances(region),
        "volume": list(backend.volumes.values()),
        "snapshot": [one for one in backend.snapshots.values() if one.from_ami is None],
        "vpc": [one for one in backend.vpcs.values() if str(one.is_default).lower() != "true"],
        "subnet": [one for one in back.subnets(region) if str(one.default_for_az).lower() != "true"],
        "internet-gateway": list(backend.internet_gateways.values()),
        "nat-gateway": [one for one in backend.nat_gateways.values() if one.state != "deleted"],
        "vpc-endpoint": [one for one in backend.vpc_end_points.values() if one.state != "deleted"],
        "security-group": [one for one in back.security_groups(region) if one.name != "default"],
        "elastic-ip": list(backend.addresses),
        "network-interface": back.interfaces(region),
        "key-pair": list(backend.key_pairs.values()),
        "launch-template": list(backend.launch_templates.values()),
        "image": [one for one in backend.amis.values() if one.owner_id == back.ACCOUNT],
    }
    held = [Held(kind=kind, id=one.id, tags=_tags(one)) for kind, things in shelves.items() for one in things]
    tables = [one for one in backend.route_tables.values() if not one.main_association_id]
    held += [Held(kind="route-table", id=one.id, tags=_tags(one)) for one in tables]
    balancing = back.load_balancers(region)
    for kind, listed in (("load-balancer", balancing.load_balancers), ("target-group", balancing.target_groups)):
        held += [Held(kind=kind, id=arn, tags=balancing.describe_tags([arn])[arn]) for arn in listed]
    held += [Held(kind="bucket", id=name, tags=_bucket_tags(name)) for name in back.s3().buckets]
    held += [
        Held(kind="dns-record", id=f"{record.type} {record.name}", tags={})
        for zone in back.route53().zones.values()
        for record in zone.rrsets
        if record.type not in ("NS", "SOA")
    ]
    return tuple(sorted(held, key=lambda one: (one.kind, one.id)))


def _tags(thing: Any) -> dict[str, str]:
    return {str(tag["key"]): str(tag["value"]) for tag in thing.get_tags()} if hasattr(thing, "get_tags") else {}


def _bucket_tags(name: str) -> dict[str, str]:
    reported = back.s3().get_bucket_tagging(name) or {}
    return {str(tag["Key"]): str(tag["Value"]) for tag in reported.get("Tags", ())}
