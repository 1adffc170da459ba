"""The clock on the jumpbox, as the director keeps it: what is put into the manifest, set, put off and taken away."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue, VmCid
from director.app.landing import end_clocks, jumpboxes, landing_zones
from director.app.sessions.session import Session
from director.app.use_cases import extend
from director.errors import InputError
from director.model.environments.environment import EnvironmentEnd
from tests.support import worlds
from tests.support.callers import calling
from tests.support.sessions import LANDING, session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

END = EnvironmentEnd(at=1000.0, clock="jumpbox")


@dataclass(slots=True, kw_only=True)
class MemoryEndClock:
    """Implements EndClock of cpi.contract.cloud. `end` is what the jumpbox reads, `armed` the VMs with the login."""

    job: str = "end-clock-memory"
    end: float | None = None
    armed: list[VmCid] = field(default_factory=list)

    def job_properties(self) -> Mapping[str, JsonValue]:
        return {"environment": ENVIRONMENT}

    def require_rights(self) -> None:
        return None

    def set_end(self, at: float) -> None:
        self.end = at

    def give_login(self, vm_cid: VmCid) -> None:
        self.armed.append(vm_cid)

    def revoke(self) -> None:
        self.end = None
        self.armed.clear()


def _session(home: Path, clock: MemoryEndClock) -> Session:
    world = Simulation().process()
    clouds = {name: replace(cloud, end_clock=clock) for name, cloud in world.clouds.items()}
    session = session_of(Simulation(), home, world=worlds.with_clouds(world, clouds), file=LANDING)
    landing_zones.create_environment(session, caller=calling("up"), end=END)
    return session


def test_the_jumpbox_has_the_job_while_its_clock_holds_the_end_or_may_get_one_again(tmp_path: Path) -> None:
    session = _session(tmp_path, MemoryEndClock())
    assert end_clocks.describe_job(session, EnvironmentEnd(at=1.0)) == []
    for end in (END, replace(END, at=None)):
        release, job = end_clocks.describe_job(session, end)
        assert (release["path"], job["path"]) == ("/releases/-", "/instance_groups/name=jumpbox/jobs/-")
        expected = {"name": "end-clock-memory", "release": "jumpbox", "properties": {"environment": ENVIRONMENT}}
        assert job["value"] == expected
    files = jumpboxes.manifest_files(session, session.environment(), {})
    assert len(files.ops) == 1
    assert files.base.endswith("manifests/jumpbox")


def test_an_end_changes_at_the_cloud_before_it_is_recorded_and_its_login_goes_with_it(tmp_path: Path) -> None:
    clock, later = MemoryEndClock(), replace(END, at=2000.0)
    session = _session(tmp_path, clock)
    cases = [
        (None, END, 5.0),  # the jumpbox holds none yet
        (END, later, 2000.0),
        (END, replace(END, clock="here"), None),
        (END, replace(END, at=None), None),
        (END, None, None),
    ]
    for former, end, expected in cases:
        clock.end = 5.0
        end_clocks.change_end(session, former, end)
        assert clock.end == expected
    with pytest.raises(InputError) as raised:
        extend.extend(session, 60.0, caller=calling("extend"))
    assert (raised.value.code, session.environment().end) == ("jumpbox-missing", END)
    clock.set_end(5.0)
    assert extend.extend(session, None, caller=calling("extend")).at is None
    assert (clock.end, session.environment().end) == (None, replace(END, at=None))
    assert end_clocks.try_clock(session, session.environment()) == ""
