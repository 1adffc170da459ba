"""The environment that a template describes, with what its home has of it.

Takes settings and a template's resource, gives the environment's file; nothing is written.
"""

from director.app.sessions import environment_files
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.app.templates.template_environments import read_environment
from director.app.templates.template_request import TemplateRequest
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.app.wiring.records import read_configs
from director.model.configs import KeptConfigs
from director.model.template_resources import TemplateResource


def read_described(settings: Settings, request: TemplateRequest, resource: TemplateResource) -> ReadFile:
    """Raises InputError and Problems: what is wrong with the resource, and what a file says otherwise."""
    with Home(settings) as home:
        files = home.part(open_files)
        read = read_environment(resource, request, settings=settings, files=files)
        return environment_files.complete(read, files, KeptConfigs(read_configs(home)))
