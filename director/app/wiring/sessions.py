"""A session: the environment's file read, and a world whose ports open when they are first used.

Takes settings and a watcher, gives a Session, and closes what was opened.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Protocol, cast

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.value_classes import dataclass
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.session import Session
from director.app.sessions.settings import Settings
from director.app.tasks.cancelling import CancelWatch
from director.app.tasks.tasks import TaskBook
from director.app.wiring.clocks import open_clock
from director.app.wiring.environments import read_environment, require_known
from director.app.wiring.event_stream import EventStream
from director.app.wiring.files import open_files
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.app.wiring.records import (
    open_configs,
    open_events,
    open_journal,
    open_plans,
    open_release_records,
    open_store,
    open_tasks,
)
from director.app.wiring.routes import open_routes
from director.edge.machine import threads
from director.model.tasks.caller import Caller
from director.model.tasks.task import Task
from director.ports.agent import Agent
from director.ports.blobstore import Blobstore
from director.ports.clock import Clock
from director.ports.configs import Configs
from director.ports.end_timers import EndTimers
from director.ports.journal import Journal
from director.ports.login_checks import LoginChecks
from director.ports.plans import Plans
from director.ports.release_records import ReleaseRecords
from director.ports.releases import ReleaseSource
from director.ports.remote_access import RemoteAccess
from director.ports.renderer import Renderer
from director.ports.routes import Routes
from director.ports.runner import Runner
from director.ports.state_store import StateStore
from director.ports.stemcell_tarballs import StemcellTarballs
from director.ports.tasks import Tasks
from director.ports.vault import Vault
from director.ports.watcher import Watcher

_CALLS = 64
"""Calls at a time: more than a cloud takes gladly, fewer than a laptop has threads for."""


_PUMP_PERIOD_S = 0.1
"""Between looks for events that are to be recorded and shown: for people that is at once."""


class Watching(Watcher, Protocol):
    """A watcher that shows a sign of life when nothing happens."""

    def tick(self) -> None: ...


class FollowingWatcher(Watching, Protocol):
    """A session whose output comes from a task's log."""

    def follow(self, catch_up: Callable[[], None]) -> None:
        """Call this wherever everything that has happened must be on show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskControl:
    """The door of a command: its watcher, and what interrupts the work as the door's own signals do.

    `read` is the environment's file where it is another than its own.
    """

    watcher: FollowingWatcher
    interrupt: Callable[[], object]
    read: ReadFile | None = None


@contextmanager
def open_session(settings: Settings, watcher: Watching, read: ReadFile | None = None) -> Iterator[Session]:
    """Open the environment's world; `read` is another file than its own: the world is where that file leads.

    Raises InputError and Problems: what is wrong with the home's folder and with the environment's file; StateError:
    state that cannot be read. No cloud is connected yet: what is wrong with one is raised when it is first used.
    """
    with Home(settings, watcher) as home, threads.ticking(watcher.tick):
        if read is not None:
            home.give(read_environment, read)
        with _opened(home, watcher) as opened:
            yield opened


@contextmanager
def open_task(
    settings: Settings, control: TaskControl, *, caller: Caller, deployment: str | None = None
) -> Iterator[Session]:
    """The same as a new task of the caller's, which begins before anything else is read, if the environment is known.

    What happens goes to the task's log, and from there to the watcher.
    """
    with Home(settings) as home:
        if control.read is None:
            require_known(home)
        else:
            home.give(read_environment, control.read)
        book = TaskBook(home.part(open_tasks), home.part(open_journal), home.part(open_clock))
        with (
            book.working(settings.environment, caller, deployment) as task,
            _streaming(home, task, control) as stream,
            _opened(home, stream, task=task.number) as opened,
        ):
            yield opened


@contextmanager
def _streaming(home: Home, task: Task, control: TaskControl) -> Iterator[Watcher]:
    """The stream of a task's log: pumped while the task runs, and a last time after its end.

    The same thread looks for a request to cancel the task.
    """
    watcher, clock = control.watcher, home.part(open_clock)
    cancelling = CancelWatch(home.part(open_tasks), task.number, interrupt=control.interrupt, clock=clock)
    stream = EventStream(home.part(open_events), task.number, show=watcher.report, clock=clock)
    home.watcher = stream
    watcher.follow(stream.pump)

    def tick() -> None:
        stream.pump()
        watcher.tick()
        cancelling.look()

    try:
        with threads.ticking(tick, every_s=_PUMP_PERIOD_S):
            yield stream
    finally:
        stream.pump(is_last=True)


@contextmanager
def _opened(home: Home, watcher: Watcher, *, task: int = 0) -> Iterator[Session]:
    home.part(open_folder)
    read = home.part(read_environment)
    home.part(open_store)
    runner = threads.ThreadRunner(home.part(open_clock), width=_CALLS)
    home.closing.callback(runner.close)
    world = HomeWorld(home, runner=runner, watcher=watcher)
    yield Session(settings=home.settings, world=world, files=home.part(open_files), task=task, **read._asdict())


class HomeWorld:
    """A World of one home: a port's module is imported, and the port opened, when it is first used."""

    def __init__(self, home: Home, *, runner: Runner, watcher: Watcher) -> None:
        self._home = home
        self.clock: Clock = home.part(open_clock)
        self.runner = runner
        self.watcher = watcher

    @cached_property
    def clouds(self) -> Mapping[str, ConnectedCloud]:
        return cast(Mapping[str, ConnectedCloud], self._home.part_named("clouds", "connect_clouds"))

    @cached_property
    def agent(self) -> Agent:
        return cast(Agent, self._home.part_named("agents", "open_agent"))

    @cached_property
    def login_checks(self) -> LoginChecks:
        return cast(LoginChecks, self._home.part_named("agents", "open_login_checks"))

    @cached_property
    def remote_access(self) -> RemoteAccess:
        return cast(RemoteAccess, self._home.part_named("agents", "open_remote_access"))

    @cached_property
    def blobs(self) -> Blobstore:
        return cast(Blobstore, self._home.part_named("blobs", "open_blobs"))

    @cached_property
    def releases(self) -> ReleaseSource:
        return cast(ReleaseSource, self._home.part_named("blobs", "open_releases"))

    @property
    def release_records(self) -> ReleaseRecords:
        return self._home.part(open_release_records)

    @cached_property
    def stemcell_tarballs(self) -> StemcellTarballs:
        return cast(StemcellTarballs, self._home.part_named("stemcell_tarballs", "open_tarballs"))

    @cached_property
    def vault(self) -> Vault:
        return cast(Vault, self._home.part_named("vaults", "open_known_vault"))

    @cached_property
    def store(self) -> StateStore:
        return self._home.part(open_store)

    @cached_property
    def journal(self) -> Journal:
        return self._home.part(open_journal)

    @cached_property
    def tasks(self) -> Tasks:
        return self._home.part(open_tasks)

    @cached_property
    def plans(self) -> Plans:
        return self._home.part(open_plans)

    @property
    def configs(self) -> Configs:
        return self._home.part(open_configs)

    @cached_property
    def timers(self) -> EndTimers:
        return cast(EndTimers, self._home.part_named("timers", "open_timers"))

    @property
    def routes(self) -> Routes:
        return self._home.part(open_routes)

    @cached_property
    def renderer(self) -> Renderer:
        return cast(Renderer, self._home.part_named("renderers", "open_renderer"))
