"""Links between clouds, which work only if the operator's own network connects them. Pure.

Takes Desired, gives the links between clouds, in the manifest's order.
"""

from collections.abc import Iterator
from itertools import product

from director.model.environments.desired import Desired, Group
from director.model.report import CrossCloudLink


def links_across_clouds(desired: Desired) -> tuple[CrossCloudLink, ...]:
    """One for each link and two clouds. Where no AZ names a cloud there are none."""
    groups = {str(group.name): group for group in desired.groups}
    used = [(group, job, link) for group in desired.groups for job in group.jobs for link in job.links]
    return tuple(
        CrossCloudLink(
            consumer=f"{group.name}/{job.name}",
            link=link.name,
            provider=f"{link.source.group}/{link.source.job}",
            from_cloud=here,
            to_cloud=there,
        )
        for group, job, link in used
        if link.source.deployment is None and not link.source.is_disk and link.source.group in groups
        for here, there in _cloud_pairs(group, groups[link.source.group], desired)
    )


def _cloud_pairs(consumer: Group, provider: Group, desired: Desired) -> Iterator[tuple[str, str]]:
    pairs = product(_clouds_of(consumer, desired), _clouds_of(provider, desired))
    return ((here, there) for here, there in pairs if here != there)


def _clouds_of(group: Group, desired: Desired) -> tuple[str, ...]:
    return tuple(dict.fromkeys(az.cloud for az in desired.azs if az.name in group.azs))
