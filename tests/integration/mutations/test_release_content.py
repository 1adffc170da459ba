"""A release damaged anywhere is read and rendered, or refused in our words while planning, within seconds."""

import collections
import time
from pathlib import Path

import pytest

from director.errors import InputError, Problems, raise_all
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.erb import ErbFailure, ErbRequest, ErbText
from director.model.releases.release import PackageSource, Release, ReleaseReference
from director.releases import bpm_configs
from director.render.front import Engines, examine_jobs, render_jobs
from director.render.templates import Jinja
from tests.integration.mutations.release_content import Damaged, damaged_release
from tests.support.release_on_disk import shelf_of

SEEDS = 1000
PARTS = 4
LONGEST_S = 10.0


@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_release_is_understood_or_refused_while_planning(part: int, tmp_path: Path) -> None:
    codes: collections.Counter[str] = collections.Counter()
    for seed in range(part, SEEDS, PARTS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        damaged = damaged_release(seed, folder)
        began = time.process_time()
        reported = _reported(damaged, folder)
        assert time.process_time() - began < LONGEST_S, (seed, damaged.done)
        assert all(problem.what and problem.fix and problem.where for problem in reported), (
            seed,
            damaged.done,
            reported,
        )
        assert not any("\x1b" in str(problem) or len(str(problem)) > 5000 for problem in reported), (seed, damaged.done)
        codes.update({problem.code for problem in reported} or {""})
    assert codes[""] > 20
    assert len(codes) > 15, codes


def _reported(damaged: Damaged, folder: Path) -> tuple[InputError, ...]:
    """What a plan says of the release; whatever else is raised fails the test, with its seed among the locals."""
    shelf, _ = shelf_of(folder / "home")
    reference = ReleaseReference(name="shop", version=damaged.version, url=str(damaged.place), where="m.yml:4:3")
    try:
        release = shelf.load_release(reference)
        raise_all(
            shelf.package_problems(
                PackageSource(
                    reference=reference, package=package.name, fingerprint=package.fingerprint, architecture="x86_64"
                )
                for package in release.packages
            )
        )
        spec = _instance_of(release)
        problems = examine_jobs(
            spec, render_jobs(spec, _no_secret, Engines(erb=_no_ruby, jinja=Jinja())), bpm_configs.read_bpm_config
        ).problems
    except Problems as several:
        return tuple(problem for problem in several.problems if isinstance(problem, InputError))
    except InputError as error:
        return (error,)
    return problems


def _instance_of(release: Release) -> InstanceSpec:
    jobs = tuple(
        Job(
            name=job.name,
            release=release.name,
            release_version=release.version,
            source=job,
            properties={definition.name: definition.default for definition in job.properties},
        )
        for job in release.jobs
    )
    return InstanceSpec(jobs=jobs, spec={"name": "web", "index": 0, "az": "z1"}, links={})


def _no_secret(name: str) -> str:
    raise AssertionError(f"nobody should ask for {name}")


def _no_ruby(request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
    return tuple(ErbText(content=template.text) for template in request.templates)
