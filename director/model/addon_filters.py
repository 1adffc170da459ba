"""Which instance groups an addon is for.

Takes an addon and a group as a manifest has them, gives yes or no. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/addon/filter.rb.
"""

from collections.abc import Callable, Collection

from director.model.written.manifest import Addon, AddonFilter, InstanceGroup, JobUse


def is_for_group(addon: Addon, group: InstanceGroup, *, has: Collection[JobUse], system: str | None) -> bool:
    """Whether the addon's jobs are put on the group, which `has` jobs and a stemcell of that operating system.

    `system` None is one that is not known yet: the answer is what another one could make it. Filters by deployment and
    team are not looked at.
    """
    included = _answers(addon.include or AddonFilter(), group, has=has, is_system=lambda os: system in (None, os))
    excluded = _answers(addon.exclude or AddonFilter(), group, has=has, is_system=lambda os: system == os)
    # An exclude without any filter excludes nothing.
    return all(included) and not (excluded and all(excluded))


def _answers(
    chosen: AddonFilter, group: InstanceGroup, *, has: Collection[JobUse], is_system: Callable[[str], bool]
) -> list[bool]:
    """What each kind of filter says of a group: kinds are ANDed, entries of one kind ORed, an empty list is none."""
    jobs = {(use.name, use.release) for use in has}
    networks = {network.name for network in group.networks}
    kinds = (
        (chosen.instance_groups, group.name in (chosen.instance_groups or ())),
        (chosen.jobs, any((job.name, job.release) in jobs for job in chosen.jobs or ())),
        (chosen.stemcell, any(is_system(each.os) for each in chosen.stemcell or ())),
        (chosen.networks, bool(networks.intersection(chosen.networks or ()))),
        (chosen.azs, bool(set(group.azs or ()).intersection(chosen.azs or ()))),
        (chosen.lifecycle, chosen.lifecycle == group.lifecycle),
    )
    return [answer for wanted, answer in kinds if wanted]
