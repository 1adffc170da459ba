"""Job templates into files.

Takes an instance's spec, gives the files of its jobs.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from cpi.contract.values import JsonValue
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.examined import JobFindings
from director.model.rendered import RenderedFile as RenderedFile
from director.model.rendered import RenderedJobs as RenderedJobs


class Renderer(Protocol):
    """Has no effect but its result; the only thing outside it may use is Ruby, for ERB. Many threads may call it."""

    def prepare(self, jobs: Iterable[Job]) -> None:
        """Begin to start what these jobs' templates need, without waiting for it; what is missing is raised later."""

    def render_jobs(self, spec: InstanceSpec, secret: Callable[[str], JsonValue]) -> RenderedJobs:
        """Render every job; `secret` gives a secret's value by name.

        Raises InputError with every template's error: template-error (file:line, instance), ruby-missing.
        """

    def check_jobs(self, specs: Iterable[InstanceSpec], secret: Callable[[str], JsonValue]) -> JobFindings:
        """Every error that rendering these instances' jobs would raise, and what of the files could not be run.

        Raises InputError: ruby-missing, and what is wrong with secrets.
        """
