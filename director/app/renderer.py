"""Rendering joined with the processes that evaluate: the Renderer that a run uses.

Takes what evaluates ERB and Jinja, gives a director.ports.renderer.Renderer.
"""

from collections.abc import Callable, Iterable

from cpi.values import JsonValue
from director.model.erb import Erb
from director.model.examined import Examined
from director.model.rendered import RenderedJobs
from director.model.work import InstanceSpec
from director.render import front


class JobRenderer:
    """A Renderer; any number of threads may share it."""

    def __init__(self, *, erb: Erb, jinja: Erb) -> None:
        self._engines = front.Engines(erb=erb, jinja=jinja)

    def render_jobs(self, spec: InstanceSpec, secret: Callable[[str], JsonValue]) -> RenderedJobs:
        return front.render_jobs(spec, secret, self._engines)

    def check_jobs(self, specs: Iterable[InstanceSpec], secret: Callable[[str], JsonValue]) -> Examined:
        return front.check_jobs(specs, secret, self._engines)
