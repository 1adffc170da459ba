"""The renderer, with the processes that evaluate templates; each starts with its first template.

Takes a Home, gives a Renderer.
"""

from director.app.wiring.homes import Home
from director.app.wiring.renderer import JobRenderer
from director.edge.templates.jinja import JinjaProcess
from director.edge.templates.ruby import RubyErb
from director.ports.renderer import Renderer

_JINJA_WORKER = "director.cli.jinja_worker"
"""The module whose `main` renders Jinja in a process of its own."""


def open_renderer(home: Home) -> Renderer:
    """The renderer of this home's runs."""
    erb = home.closing.enter_context(RubyErb())
    return JobRenderer(erb=erb, jinja=home.closing.enter_context(JinjaProcess(_JINJA_WORKER)), start_erb=erb.start)
