"""Rendering joined with the processes that evaluate: the Renderer that a run uses.

Takes what evaluates ERB and Jinja, gives a director.ports.renderer.Renderer.
"""

from collections.abc import Callable, Iterable

from cpi.contract.values import JsonValue
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.erb import Erb
from director.model.examined import JobFindings
from director.model.rendered import RenderedJobs
from director.releases import bpm_configs
from director.render import front

_MOST_KEPT = 256
"""Properties and links that a renderer keeps: those of a plan's jobs, as a rule."""


def _start_nothing() -> None:
    """For what evaluates ERB in this process."""


class JobRenderer:
    """A Renderer; any number of threads may share it."""

    def __init__(self, *, erb: Erb, jinja: Erb, start_erb: Callable[[], None] = _start_nothing) -> None:
        self._engines = front.Engines(erb=erb, jinja=jinja, bpm=bpm_configs.read_bpm_config)
        self._start_erb = start_erb
        self._kept: tuple[Callable[[str], JsonValue], front.Contexts] | None = None

    def prepare(self, jobs: Iterable[Job]) -> None:
        if front.has_erb(jobs):
            self._start_erb()

    def render_jobs(self, spec: InstanceSpec, secret: Callable[[str], JsonValue]) -> RenderedJobs:
        return front.render_jobs(spec, secret, self._engines, contexts=self._contexts_of(secret))

    def check_jobs(self, specs: Iterable[InstanceSpec], secret: Callable[[str], JsonValue]) -> JobFindings:
        return front.check_jobs(specs, secret, self._engines)

    def _contexts_of(self, secret: Callable[[str], JsonValue]) -> front.Contexts:
        """Kept from instance to instance: an action that applies a spec comes after all that make its secrets."""
        kept = self._kept
        if kept is None or kept[0] != secret or kept[1].kept > _MOST_KEPT:
            kept = self._kept = (secret, front.contexts_of(secret))
        return kept[1]
