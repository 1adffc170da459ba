"""How long many instances of a one-script job take on the local cloud, and an unchanged deploy of them.

Takes a home, gives figures.
"""

import resource
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.support.command import ROOT, Compleat
from tests.support.environments import local_compleat

_HELLO = ROOT / "manifests" / "examples" / "hello"


def figures(home: Path) -> Iterator[Figure]:
    """50 and 200 instances."""
    compleat = local_compleat(home, "many")
    compleat.run("up", "--bundle", str(_bundle(home)), timeout_s=600).ended()
    for count, target_s in ((50, 30.0), (200, 150.0)):
        manifest = _manifest(home, count)
        took_s = compleat.run("deploy", "-n", str(manifest), timeout_s=900).ended().took_s
        yield Figure(name=f"{count} instances of a one-script job", value=took_s, unit="s", target=target_s)
        yield _unchanged(compleat, manifest, count)
        compleat.run("delete-deployment", "-n", "-d", "many", timeout_s=900).ended()
    compleat.run("down", "-n", timeout_s=600).ended()


def _unchanged(compleat: Compleat, manifest: Path, count: int) -> Figure:
    """The processor's seconds, which do not depend on what else the machine does."""
    before_s = _children_s()
    took_s = compleat.run("deploy", "-n", str(manifest), timeout_s=900).ended().took_s
    return Figure(
        name=f"unchanged deploy of {count} instances",
        value=_children_s() - before_s,
        unit="s of the processor",
        target=1.0,
        note=f"{took_s:.1f} s of the clock",
    )


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bundle(home: Path) -> Path:
    """A bundle of the smallest deployment, so that there is a jumpbox."""
    folder = home / "bundle"
    folder.mkdir(parents=True, exist_ok=True)
    text = (_HELLO / "hello.yml").read_text().replace("file://release", f"file://{_HELLO}/release")
    (folder / "hello.yml").write_text(text)
    (folder / "index.yml").write_text("name: hello\ndeployments:\n- manifest: hello.yml\n")
    return folder


def _manifest(home: Path, count: int) -> Path:
    text = (home / "bundle" / "hello.yml").read_text()
    text = text.replace("name: hello\n\nstemcells", "name: many\n\nstemcells", 1)
    text = text.replace("instances: 1", f"instances: {count}").replace("max_in_flight: 10", "max_in_flight: 50")
    path = home / f"many-{count}.yml"
    path.write_text(text)
    return path
