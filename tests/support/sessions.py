"""A command's session on a simulated world: files are real, clouds, agents and time are not.

Takes a simulation, gives a Session whose use cases may be called.
"""

from pathlib import Path

from director.app.sessions.session import Session
from director.app.sessions.settings import Settings
from director.edge.machine.library import Library
from director.model.documents import Source
from director.model.ids import EnvironmentName
from director.ports.world import World
from director.text import front as texts
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

ROOT = Path(__file__).parents[2]
_FILE = f"""\
name: {ENVIRONMENT}
cloud: memory
cloud_config: {ROOT}/manifests/cloud-configs/local.yml
public_names: [jumpbox, console]
"""
LANDING = f"{_FILE}networks: {{landed: 172.20.0.0/16}}\n"
"""The same with a landing zone beside the network that a simulation has from the start."""


def session_of(simulation: Simulation, home: Path, *, world: World | None = None, file: str = _FILE) -> Session:
    """The environment has a file of its own, with the text `file`, and was never built."""
    written = texts.read_environment_file(texts.Reading(source=Source(name="environment.yml", content=file.encode())))
    return Session(
        settings=Settings(home=str(home), environment=EnvironmentName(ENVIRONMENT)),
        world=world or simulation.process(),
        files=Library(home),
        file=written.document,
        written=written,
        folder=str(ROOT),
    )
