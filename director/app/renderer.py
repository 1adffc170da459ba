"""Rendering joined with Ruby: the Renderer that a run uses.

Takes what evaluates ERB, gives a director.ports.renderer.Renderer.
"""

from collections.abc import Callable, Iterable

from cpi.values import JsonValue
from director.errors import InputError
from director.model.erb import Erb
from director.model.rendered import RenderedJobs
from director.model.work import InstanceSpec
from director.render import front


class JobRenderer:
    """A Renderer; any number of threads may share it. It compiles each Jinja template once."""

    def __init__(self, evaluate: Erb) -> None:
        self._engines = front.Engines(erb=evaluate)

    def render_jobs(self, spec: InstanceSpec, secret: Callable[[str], JsonValue]) -> RenderedJobs:
        return front.render_jobs(spec, secret, self._engines)

    def check_jobs(self, specs: Iterable[InstanceSpec], secret: Callable[[str], JsonValue]) -> tuple[InputError, ...]:
        return front.check_jobs(specs, secret, self._engines)
