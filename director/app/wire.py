"""Settings into a world: the one importer of edge/ (but for files and mint, which have wires of their own).

Takes settings and whoever watches, gives a Session with everything opened, and closes it.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol, cast

from cpi import plugins
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue
from director.app import environment_files, wire_records
from director.app.redacting import RedactingAgent, RememberingVault
from director.app.renderer import JobRenderer
from director.app.session import Session
from director.app.settings import Settings
from director.edge.agents import guest_bundle
from director.edge.agents.agent_ssh import SshAgent
from director.edge.agents.reach import SshReach
from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.machine import threads
from director.edge.machine.library import Library
from director.edge.machine.system_clock import SystemClock
from director.edge.releases.fetch import FetchSettings
from director.edge.releases.pip_download import PipSettings
from director.edge.releases.releases import ReleaseReading, ReleaseShelf
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_store import SqlStore
from director.edge.templates.jinja import JinjaProcess
from director.edge.templates.ruby import RubyErb
from director.edge.trials.trials import PersonTrials
from director.errors import InputError, raise_all
from director.model import cloud_names
from director.model.environment import CloudChoice
from director.model.secret_ref import SecretRef
from director.ports.vault import Vault
from director.ports.watcher import Watcher
from director.ports.world import World
from director.releases import releases as release_texts

_CALLS = 64
"""Calls at a time: more than a cloud takes gladly, fewer than a laptop has threads for."""

_JINJA_WORKER = "director.cli.jinja_worker"
"""The module whose `main` renders Jinja in a process of its own."""

_ABOUT_PLUGIN = frozenset({"unknown-cloud", "cpi-not-there"})
"""Errors of a cloud's plugin itself, not of its properties."""


class Watching(Watcher, Protocol):
    """A watcher that shows a sign of life when nothing happens."""

    def tick(self) -> None: ...


@contextmanager
def open_session(settings: Settings, watcher: Watching) -> Iterator[Session]:
    """Open the environment's world. Ctrl-C within interrupts the run, not the line."""
    home = wire_records.open_home(settings)
    files = Library(home)
    read = environment_files.read_environment_file(files, settings)
    with ExitStack() as closing:
        database = wire_records.open_database(home)
        closing.callback(database.close)
        clock = SystemClock()
        runner = threads.ThreadRunner(clock, width=_CALLS)
        closing.callback(runner.close)
        closing.enter_context(runner.interrupted_by_signals())
        closing.enter_context(threads.ticking(watcher.tick))
        blobs = BlobsDir(home / "blobs")
        vault = RememberingVault(wire_records.open_vault(home), f"/{settings.environment}/")
        bundle = guest_bundle.build_guest(guest_bundle.guest_folder())
        agent = SshAgent(_key_reader(vault), bundle=bundle, blobs=blobs)
        closing.callback(agent.close)
        erb, jinja = closing.enter_context(RubyErb()), closing.enter_context(JinjaProcess(_JINJA_WORKER))
        world = World(
            clouds=_connect(read, settings, closing),
            agent=RedactingAgent(agent, vault.redact),
            blobs=blobs,
            releases=_releases(home, blobs),
            vault=vault,
            store=SqlStore(database, home / "leases"),
            journal=SqlJournal(database),
            clock=clock,
            renderer=JobRenderer(erb=erb, jinja=jinja),
            runner=runner,
            watcher=watcher,
        )
        yield Session(
            settings=settings,
            world=world,
            files=files,
            trials=PersonTrials(agent.guests),
            reach=SshReach(agent.guests),
            **read._asdict(),
        )


def _connect(read: environment_files.ReadFile, settings: Settings, closing: ExitStack) -> Mapping[str, ConnectedCloud]:
    """Every cloud of the environment. What a plugin does not take of its file is told with the place in that file."""
    clouds, problems = {}, []
    for index, choice in enumerate(environment_files.cloud_choices(read.file)):
        try:
            clouds[choice.name] = _connect_one(choice, settings, tags=read.file.tags)
            closing.callback(clouds[choice.name].close)
        except CloudError as error:
            where = read.where_of_cloud(index, is_plugin=error.code in _ABOUT_PLUGIN)
            problems.append(InputError.of(error, where=where))
    raise_all(problems)
    return clouds


def _connect_one(choice: CloudChoice, settings: Settings, *, tags: Mapping[str, str]) -> ConnectedCloud:
    state_dir = Path(settings.home) / "environments" / settings.environment / "clouds" / choice.name
    properties = choice.properties
    asked = ConnectSettings(
        environment=settings.environment, state_dir=str(state_dir), properties=properties, tags=tags
    )
    return plugins.connect(choice.plugin, asked, called=cloud_names.shown_name(choice.name))


def _releases(home: Path, blobs: BlobsDir) -> ReleaseShelf:
    reading = ReleaseReading(
        read_tree=release_texts.read_release_tree,
        finish=release_texts.finish_release,
        read_archive=release_texts.read_release_archive,
    )
    pip = PipSettings(python=sys.executable, environment=dict(os.environ))
    return ReleaseShelf(home / "releases", blobs, reading=reading, settings=FetchSettings(pip=pip))


class _KeyReader(Protocol):
    def __call__(self, reference: SecretRef) -> str: ...


def _key_reader(vault: Vault) -> _KeyReader:
    def private_key(reference: SecretRef) -> str:
        value = vault.get_secret(reference.name)
        for field in reference.path:
            value = cast(Mapping[str, JsonValue], value)[field]
        return str(value)

    return private_key
