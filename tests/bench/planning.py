"""How long `plan` takes of public manifests with stub releases, each as one process; and commands that list.

Takes a folder, gives figures: the processor's seconds, which do not depend on what else the machine does, with those
of the clock beside them.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from tests.bench.figures import Figure
from tests.support import corpus
from tests.support.command import ROOT

_COMMAND = str(Path(sys.executable).with_name("compleat"))
_LARGE = "cloudfoundry+cf-deployment/cf-deployment.yml"
_RUNS = 5
_ALL = 145
_ALL_S = 60.0


def figures(home: Path) -> Iterator[Figure]:
    """The large manifest, then all of them; nothing without the folder of public manifests."""
    if not corpus.CORPUS.is_dir():
        return
    bare = statistics.median(_run([sys.executable, "-c", "pass"], home)[1] for _ in range(_RUNS))
    manifests = {manifest.name: manifest for manifest in corpus.read_manifests()}
    folders = [_written(home / f"{number}", each) for number, each in enumerate(manifests.values())]
    large = folders[list(manifests).index(_LARGE)]
    for words, target in ((_plan(), 1.2), (["tasks"], None), (["instances"], None)):
        yield _figure(words, large, target=target, bare=bare)
    runs = [_run([_COMMAND, *_plan()], folder) for folder in folders]
    taken = [run[0] for run in runs]
    yield Figure(
        name=f"plan, {len(taken)} public manifests, mean of a process",
        value=statistics.mean(run[1] for run in runs),
        unit="s of the processor",
        target=_ALL_S / _ALL,
        note=f"of the clock: mean {statistics.mean(taken):.2f}, median {statistics.median(taken):.2f}, "
        f"longest {max(taken):.2f} s",
    )


def _figure(words: Sequence[str], folder: Path, *, target: float | None, bare: float) -> Figure:
    runs = [_run([_COMMAND, *words], folder) for _ in range(_RUNS)]
    used = statistics.median(run[1] for run in runs)
    return Figure(
        name=f"{words[0]}, home of cf-deployment with stub releases",
        value=used,
        unit="s of the processor",
        target=target,
        note=f"{statistics.median(run[0] for run in runs):.2f} s of the clock, {used / bare:.0f} x bare",
    )


def _run(argv: Sequence[str], folder: Path) -> tuple[float, float]:
    """The seconds of the clock and of the processor, with those of its children, in the home of this folder."""
    environment = {**os.environ, "COMPLEAT_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    process = subprocess.Popen(argv, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    return time.monotonic() - began, used.ru_utime + used.ru_stime


def _plan() -> list[str]:
    return ["plan", "manifest.yml", "-l", "vars.yml"]


def _written(folder: Path, manifest: corpus.PublicManifest) -> Path:
    """The manifest with its stub releases, cloud config and variables, as files, and a home that has this config."""
    for name, tree in corpus.stub_trees(manifest).items():
        for path, text in tree.texts.items():
            file = folder / "releases" / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.content)
        (folder / "releases" / name / "src").mkdir()
        (folder / "releases" / name / "src" / "x").touch()
    names = [each["name"] for each in manifest.tree.get("releases", ())]
    releases = [{"name": name, "version": "create", "url": f"releases/{name}"} for name in names]
    config = corpus.cloud_config_for(manifest).replace("10.200.", "10.0.")  # within the local landing zone
    folder.mkdir(exist_ok=True)
    (folder / "manifest.yml").write_text(yaml.safe_dump({**manifest.tree, "releases": releases}, sort_keys=False))
    (folder / "cloud.yml").write_text(config)
    environments = folder / "home" / "environments"
    environments.mkdir(mode=0o700, parents=True)
    (environments / "local.yml").write_text("name: local\ncloud: local\ncloud_config: ../../cloud.yml\n")
    (folder / "vars.yml").write_text(yaml.safe_dump(dict(manifest.values())))
    return folder
