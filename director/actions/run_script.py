"""Run pre-start, post-start, post-deploy, pre-stop or post-stop of every job that has it.

Takes nothing, gives a frozen value with its facts.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.ids import InstanceId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScript(InstanceWork[Result]):
    """Run pre-start, post-start, post-deploy, pre-stop or post-stop of every job that has it."""

    script: str
    env: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["run_script"] = "run_script"
    facts: ClassVar = WorkFacts(verb="run", noun="script", doing="running scripts")

    @property
    def detail(self) -> str:
        """The script."""
        return self.script

    @property
    def dirtied(self) -> InstanceId | None:
        """A post-deploy script comes after all that the instance needs."""
        return None if self.is_post_deploy else self.instance

    @property
    def is_post_deploy(self) -> bool:
        """Whether it runs on all instances once anything of the deployment changed."""
        return self.script == "post-deploy"
