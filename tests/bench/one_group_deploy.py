"""A deploy of one group whose templates read their own index and the link to all of them, on the memory cloud.

Takes a home, gives figures: processor seconds of the director, the engine included, and the size of its state.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cpi.clouds.memory.rules import Rules
from director.app.tasks.cancelling import CancelWatch
from director.app.wiring.event_stream import EventStream
from director.app.wiring.renderer import JobRenderer
from director.edge.machine import threads
from director.edge.machine.system_clock import SystemClock
from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_database import Database
from director.edge.state.sql_events import SqlEvents
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_store import SqlStore
from director.edge.state.sql_tasks import SqlTasks
from director.edge.templates.jinja import JinjaProcess
from director.edge.templates.ruby import RubyErb
from director.execute import front as executing
from director.execute.execution import Execution
from director.model.environments.desired import Count, Desired, Link, LinkSource
from director.model.environments.state import DeploymentState
from director.model.ids import RunId
from director.model.releases.release import TemplateFile
from director.model.tasks.entries import Run
from director.model.tasks.events import Event
from director.observe import front as observing
from director.ports.world import World
from tests.bench.figures import Figure
from tests.support import flow, homes, wants
from tests.support.callers import calling
from tests.support.simulation import Simulation
from tests.support.worlds import PlainWorld

_TEMPLATE = b"""id {{ spec.index }}
{% for i in link('peers').instances %}{{ i.name }}/{{ i.index }} {{ i.address }}
{% endfor %}"""
_COUNTS = (500, 1000, 2000)
_PAIRS, _PAIR_COUNT, _LOOKS = 3, 300, 2000


def figures(home: Path) -> Iterator[Figure]:
    """Each size: its time and the bytes on disk after it; the same with each event stored and read back, and with a
    look for a request to cancel each second. Then the ratio of the two, from runs that alternate.
    """
    for count in _COUNTS:
        yield from _figures(home / f"deploy-{count}", count, is_recorded=False)
        yield from _figures(home / f"recorded-{count}", count, is_recorded=True)
    yield _ratio(home)
    yield _look(home / "look")


def _ratio(home: Path) -> Figure:
    """Processor seconds with events and looks, by those without: the smallest of several runs of each."""
    spent: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * _PAIRS):
        folder = home / f"pair-{number}"
        folder.mkdir()
        before = _used_s()
        _deploy(folder, _PAIR_COUNT, is_recorded=bool(number % 2))
        spent[bool(number % 2)].append(_used_s() - before)
    ratio = min(spent[True]) / min(spent[False])
    return Figure(name=f"deploy of {_PAIR_COUNT}: with events and looks / without", value=ratio, unit="")


def _look(folder: Path) -> Figure:
    """One look for a request to cancel, of which a task makes one a second."""
    folder.mkdir()
    database = homes.open_database(folder)
    tasks = SqlTasks(database, folder / "tasks")
    tasks.is_cancelling(1)
    before = _used_s()
    for _ in range(_LOOKS):
        tasks.is_cancelling(1)
    took_s = _used_s() - before
    database.close()
    return Figure(name="  a look for a request to cancel, each second", value=took_s / _LOOKS * 1e6, unit="us")


def _figures(folder: Path, count: int, *, is_recorded: bool) -> Iterator[Figure]:
    folder.mkdir()
    before = _used_s()
    _deploy(folder, count, is_recorded=is_recorded)
    size_mib = sum(file.stat().st_size for file in folder.glob("state.db*")) / (1 << 20)
    how = "that loop over all, memory cloud" if not is_recorded else "with its events"
    yield Figure(name=f"deploy of {count} {how}", value=_used_s() - before, unit="s")
    yield Figure(name="  its state.db", value=size_mib, unit="MiB")


def _used_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _deploy(folder: Path, count: int, *, is_recorded: bool) -> None:
    simulation = Simulation(rules=Rules(networks={"main": "10.0.0.0/16"}, max_vms=count + 1, max_cpus=8 * count))
    database = homes.open_database(folder)
    with RubyErb() as erb, JinjaProcess("director.cli.jinja_worker") as jinja:
        world = replace(
            simulation.process(),
            store=SqlStore(database, LeaseFiles(folder / "leases")),
            journal=SqlJournal(database),
            renderer=JobRenderer(erb=erb, jinja=jinja),
        )
        if is_recorded:
            with _recorded(world, database) as recorded:
                assert _run(recorded, simulation, desired=_desired(count))
        else:
            assert _run(world, simulation, desired=_desired(count))
    database.close()


@contextmanager
def _recorded(world: PlainWorld, database: Database) -> Iterator[PlainWorld]:
    """The world with a watcher that writes to a task's log, which is followed as a terminal follows it."""
    shown: list[Event] = []
    stream = EventStream(SqlEvents(database), 1, show=shown.append, clock=SystemClock())
    watch = CancelWatch(SqlTasks(database, database.path.parent), 1, interrupt=stream.pump, clock=SystemClock())

    def tick() -> None:
        stream.pump()
        watch.look()

    with threads.ticking(tick, every_s=0.1):
        yield replace(world, watcher=stream)
    stream.pump(is_last=True)
    assert len(shown) > len(world.clouds)


def _run(world: World, simulation: Simulation, *, desired: Desired) -> bool:
    environment = simulation.environment
    state = DeploymentState(environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    observed = observing.observe_world(world, environment, desired=desired, state=state)
    plan = flow.plan_for(desired, observed, run_id=RunId("r1"), simulation=simulation)
    with world.store.hold_lease(wants.ENVIRONMENT, wants.DEPLOYMENT, caller=calling("bench")) as lease:
        run = Run(
            id=plan.run,
            environment=wants.ENVIRONMENT,
            deployment=wants.DEPLOYMENT,
            started_at=0.0,
            plan=plan,
        )
        execution = Execution(run=run, lease=lease, state=state, environment=environment)
        result = executing.execute_plan(world, execution)
        assert result.is_done, result
        return True


def _desired(count: int) -> Desired:
    job = wants.job("peer")
    source = replace(
        job.source, templates=(TemplateFile(source="peers.j2", destination="config/peers", content=_TEMPLATE),)
    )
    link = Link(name="peers", type="peers", source=LinkSource(group="peer", job="peer"))
    policy = replace(wants.POLICY, max_in_flight=Count(number=50))
    group = wants.group("peer", count, replace(job, source=source, links=(link,)), update=policy)
    whole = wants.desired(group)
    subnet = replace(whole.networks[0].subnets[0], cidr="10.0.0.0/16")
    return replace(whole, networks=(replace(whole.networks[0], subnets=(subnet,)),))
