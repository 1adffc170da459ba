"""A resurrection config as people wrote it: whose VMs BOSH's health monitor recreates.

Takes a tree of maps and lists, gives a frozen pydantic model. Source: cloudfoundry/bosh
src/bosh-monitor/lib/bosh/monitor/resurrection_manager.rb @96f9135.
"""

from typing import ClassVar

from director.model.written.kinds import Flag, Piece, Text


class ResurrectionFilter(Piece):
    """What a rule is about, or not about: empty lists are none."""

    deployments: tuple[Text, ...] | None = None
    instance_groups: tuple[Text, ...] | None = None


class ResurrectionRule(Piece):
    """An instance is recreated unless a rule that applies to it says `enabled: false`; one without it is skipped."""

    enabled: Flag | None = None
    include: ResurrectionFilter | None = None
    exclude: ResurrectionFilter | None = None


class ResurrectionConfig(Piece):
    """The whole resurrection config."""

    is_bosh_document: ClassVar[bool] = True

    rules: tuple[ResurrectionRule, ...]
