"""Publish the environment's DNS records to every VM that lacks them.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.tasks.work import Result, WorkFacts, WorkOf


@dataclass(frozen=True, kw_only=True)
class PublishDns(WorkOf[Result]):
    """Publish the DNS records of the plan, and send all of the environment's to each VM that has older ones."""

    kind: Literal["publish_dns"] = "publish_dns"
    facts: ClassVar = WorkFacts(
        verb="publish", noun="dns records", doing="publishing DNS records", is_event=True, is_dirtying=False
    )
