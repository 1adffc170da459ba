"""Die anywhere, for real: 50 SIGKILLs of the director, the cloud's service, its edge, VMs and their SSH servers.

After each chain of kills the same command is run until it ends well; then the cloud itself is asked what there is.
"""

import os
import random
import shutil
import signal
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cpi.contract.values import VmState
from tests.chaos import local_kills
from tests.chaos.local_kills import Strike, Victim
from tests.e2e import story as stories
from tests.e2e.story import CASES, Story
from tests.support import local_inventory, warm_command
from tests.support.environments import local_compleat

pytestmark = pytest.mark.slow

SEED = 20261123
CHAINS = 10
TRIES = 4
"""So many runs after the last kill must be enough: one that meets what the kill broke, and one that heals it."""

_END_S = 120.0


@pytest.fixture
def story() -> Iterator[Story]:
    """An environment of the test's own, with its own home; both are gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="compleat-"))
    compleat = local_compleat(home, f"k{uuid.uuid4().hex[:8]}", is_warm=True)
    try:
        yield Story(compleat=compleat, release=stories.prepare(compleat, home))
    finally:
        compleat.run("down", "-n")
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.timeout(900)
def test_whatever_is_killed_when_the_same_command_ends_well_and_nothing_is_twice_or_left(story: Story) -> None:
    before = _host()
    yard = _Yard(story=story, bundle=_bundle(story))
    yard.up_once()
    usual_s = yard.up_once()
    for number in range(CHAINS):
        chance = random.Random(SEED + number)
        yard.torment(chance, local_kills.draw_strikes(chance, usual_s=usual_s))
        yard.check()
    struck = yard.struck
    assert min(struck[victim] for victim in Victim) >= CHAINS * 0.7, f"the kills hit too little: {struck}"
    state = local_inventory.cloud_dir(story.compleat)
    shutil.rmtree(story.compleat.home / "environments" / story.compleat.environment)
    (story.compleat.home / "state.db").unlink()
    down = story.compleat.run("down", "-n", "--json").ended().json
    left = down["left"], sorted((_host() - before).elements()), state.exists(), local_kills.processes_of(state)
    assert left == ([], [], False, [])


def _bundle(story: Story) -> Path:
    """A bundle of the story alone: `up` heals the jumpbox as well."""
    folder = story.compleat.home / "bundle"
    folder.mkdir()
    (folder / "index.yml").write_text(f"name: kills\ndeployments:\n- manifest: {CASES / 'story.yml'}\n")
    return folder


def _mutation(chance: random.Random, word: str) -> dict[str, str]:
    return {
        "word": word,
        "web": str(chance.randint(1, 3)),
        "type": chance.choice(["small", "large"]),
        "web_type": chance.choice(["small", "small", "large"]),
        "address": chance.choice(["10.0.1.20", "10.0.1.21"]),
    }


@dataclass(slots=True)
class _Yard:
    """What was asked of the story last, how many kills hit, and how many disks there must be."""

    story: Story
    bundle: Path
    values: dict[str, str] = field(default_factory=lambda: {"word": "w0", "web": "2"})
    struck: Counter[Victim] = field(default_factory=Counter)
    web: int = 0
    orphans: int = 0
    number: int = 0

    def up_once(self) -> float:
        """Undisturbed, with a change; gives how long it took."""
        self.mutate(random.Random(SEED))
        took_s = self.story.compleat.run(*self.words()).ended().took_s
        self.note_end()
        return took_s

    def torment(self, chance: random.Random, strikes: list[Strike]) -> None:
        """Run updates that are killed, each until it succeeds; at the end one undisturbed run."""
        waiting = list(strikes)
        self.mutate(chance)
        for _ in range(4 * len(strikes) + TRIES):
            is_tormented = bool(waiting)
            code, printed = self._run(waiting)
            assert code in (0, 1, -signal.SIGKILL), f"{self.values}: ended with {code}:\n{printed}"
            assert "Traceback" not in printed, printed
            if code == 0:
                self.note_end()
                if not is_tormented:
                    return
                if waiting:
                    self.mutate(chance)
        raise AssertionError(f"{self.values}: never ended well:\n{printed}")

    def mutate(self, chance: random.Random) -> None:
        self.number += 1
        self.values = _mutation(chance, f"w{self.number}")

    def note_end(self) -> None:
        """A deploy ended well: each instance that went left its disk as an orphan."""
        wanted = int(self.values["web"])
        self.orphans += max(0, self.web - wanted)
        self.web = wanted

    def words(self) -> tuple[str, ...]:
        return ("up", "--bundle", str(self.bundle), *self.story.words("", **self.values)[2:])

    def check(self) -> None:
        """Ask the cloud, its processes and the VMs."""
        found = local_inventory.take(self.story.compleat)
        vms = found.vms
        assert Counter(vm.owner.deployment for vm in vms) == {"jumpbox": 1, self.story.name: self.web + 1}
        assert {vm.state for vm in vms} == {VmState.RUNNING}
        addresses = Counter(net.ip for vm in vms for net in vm.created.networks)
        assert addresses.most_common(1)[0][1] == 1
        assert local_kills.count_lives(self.story.compleat) == {"first processes": len(vms), "ports": len(vms)}
        held = [disk for disk in found.disks if disk.vm_cid is not None]
        assert (len(held), len(found.disks)) == (self.web, self.web + self.orphans)
        rows = self.story.instances()
        names = {"lone/0", *(f"web/{index}" for index in range(self.web))}
        assert {name: row["state"] for name, row in rows.items()} == dict.fromkeys(names, "running")
        assert {row["vm_cid"] for row in rows.values()} == {vm.created.cid for vm in found.vms_of(self.story.name)}
        words = {self.story.reported(name)[-1].facts["word"] for name in rows if name != "lone/0"}
        assert words == {self.values["word"]}

    def _run(self, waiting: list[Strike]) -> tuple[int | None, str]:
        """Run once, dealing the strikes that fall due while it runs; those dealt are taken from the list."""
        running = warm_command.start(self.words(), self.story.compleat.env(), CASES)
        began = time.monotonic()
        while waiting and running.wait(max(0.0, waiting[0].after_s - (time.monotonic() - began))) is None:
            blow = waiting.pop(0)
            self.struck[blow.victim] += local_kills.strike(self.story.compleat, blow, director=running.pid)
        code = running.wait(_END_S)
        return code, "\n".join(running.read())[-5000:]


def _host() -> Counter[str]:
    """All mounts and links of this machine: other processes may remove theirs meanwhile."""
    mounts = [f"mount {line.split()[1]}" for line in Path("/proc/mounts").read_text().splitlines()]
    return Counter((*mounts, *(f"link {name}" for name in os.listdir("/sys/class/net"))))
