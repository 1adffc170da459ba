"""ERB by our Ruby process is, byte for byte, what BOSH's director makes."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpi.contract.errors import ExplainedError
from director.edge.templates.ruby import RubyErb
from director.errors import Problems
from director.model.environments.desired import Job, ProvidedLink
from director.model.environments.instance_spec import InstanceSpec
from director.model.erb import DnsNumbers
from director.model.releases.release import LinkDefinition, PropertyDefinition, ReleaseJob, TemplateFile
from director.model.rendered import RenderedJobs
from director.render.front import Engines, render_jobs
from director.render.hashes import configuration_hash, template_hash
from director.render.templates import Jinja
from director.resolve.instance_groups import properties

GOLDEN = Path(__file__).parents[4] / "shared" / "golden" / "erb"


def _cases(renderer: str = "director") -> list[Path]:
    cases = sorted(path.parent for path in GOLDEN.glob("*/input.json"))
    return [case for case in cases if _input(case)["renderer"] == renderer]


def _input(case: Path) -> Any:
    return json.loads((case / "input.json").read_text())


GOOD = [case for case in _cases() if (case / "expected").is_dir()]
CREATE_ENV = _cases("create-env")
_ONLY_CREATE_ENV = {
    "nolink": ("never\n", "no links here\n"),
    "spec": ('"" basics nil "basics"', '"" basics nil nil'),
}
"""By file: what the director's rendering has, and what create-env's has; docs/decisions/templates-of-create-env.md."""
BAD = [case for case in _cases() if (case / "expected-error.txt").is_file()]

pytestmark = [
    pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden data is not beside this checkout"),
    pytest.mark.needs("ruby"),
]


@pytest.fixture(scope="module")
def ruby() -> Iterator[RubyErb]:
    with RubyErb() as erb:
        yield erb


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_files_are_those_of_the_director(case: Path, ruby: RubyErb) -> None:
    job = _job(case)
    rendered = _render(case, job, ruby)
    expected = {
        str(path.relative_to(case / "expected")): path.read_text()
        for path in (case / "expected").rglob("*")
        if path.is_file()
    }
    assert {path: file.content.decode() for path, file in rendered[job.name].items()} == expected


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_hashes_are_those_of_the_director(case: Path, ruby: RubyErb) -> None:
    job = _job(case)
    rendered = _render(case, job, ruby)
    assert json.loads((case / "expected-hashes.json").read_text()) == {
        "template_hashes": {job.name: template_hash(job, rendered[job.name])},
        "configuration_hash_of_this_job_alone": configuration_hash((job,), rendered),
    }


@pytest.mark.parametrize("case", [case for case in BAD if "property-type" not in case.name], ids=lambda case: case.name)
def test_errors_are_those_of_the_director(case: Path, ruby: RubyErb) -> None:
    job = _job(case)
    with pytest.raises(ExplainedError) as raised:
        _render(case, job, ruby)
    error = raised.value
    problems = error.problems if isinstance(error, Problems) else (error,)
    reported = [f"- Unable to render templates for job '{job.name}'. Errors are:", *(_as_bosh(p) for p in problems)]
    assert "\n".join(reported) + "\n" == (case / "expected-error.txt").read_text()


@pytest.mark.parametrize("case", CREATE_ENV, ids=lambda case: case.name)
def test_files_of_create_env_differ_in_the_name_and_in_if_link_without_a_block_alone(case: Path, ruby: RubyErb) -> None:
    context = _input(case)["context"]
    given = context["job_properties"] or _merged(context["global_properties"], context["cluster_properties"])
    # The director's name of an instance is its group's; create-env has its job's there, and no `spec.name`.
    written = {"properties": given, "spec": {**context, "name": "basics"}, "links": {}, "job": _input(case)["job"]}
    job = _job_of(case, written)
    spec = InstanceSpec(jobs=(job,), spec=written["spec"], links={}, dns=DnsNumbers(azs={}, link_groups={}))
    rendered = render_jobs(spec, lambda name: name, Engines(erb=ruby, jinja=Jinja()))[job.name]
    as_create_env = {name: rendered[name].content.decode() for name in rendered if name != ".bosh/links.json"}
    for name, (ours, theirs) in _ONLY_CREATE_ENV.items():
        assert as_create_env[name].count(ours) == 1
        as_create_env[name] = as_create_env[name].replace(ours, theirs)
    assert as_create_env == {file.name: file.read_text() for file in (case / "expected").iterdir()}


def test_a_text_where_a_map_is_meant_is_found_before_rendering() -> None:
    case = GOLDEN / "06-error-property-type"
    given = _input(case)["properties"]
    found = properties.misplaced(_job(case).source.properties, given)
    assert found == [("tls.enabled", ("tls",), "a text"), ("tls.certificate", ("tls",), "a text")]


def _as_bosh(problem: ExplainedError) -> str:
    path, _, line = problem.where.rpartition(":")
    template = path.partition("templates/")[2]
    message = problem.what.partition(": ")[2].removesuffix(".")
    return f"  - Error filling in template '{template}' (line {line}: {message})"


def _render(case: Path, job: Job, ruby: RubyErb) -> RenderedJobs:
    given = _input(case)
    dns = given.get("dns", {})
    numbers = DnsNumbers(
        azs=dns.get("az_ids", {}),
        link_groups={group["name"]: group["id"] for group in dns.get("groups", []) if group["type"] == "link"},
    )
    spec = InstanceSpec(jobs=(job,), spec=given["spec"], links={job.name: given.get("links", {})}, dns=numbers)
    return render_jobs(spec, lambda name: name, Engines(erb=ruby, jinja=Jinja()))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(below[name], value) if isinstance(value, dict) and isinstance(below.get(name), dict) else value
        for name, value in above.items()
    }
    return {**below, **both}


def _job(case: Path) -> Job:
    return _job_of(case, _input(case))


def _job_of(case: Path, given: Mapping[str, Any]) -> Job:
    folder = (case / given["job"]).resolve()
    source = _release_job(folder, yaml.safe_load((folder / "spec").read_text()))
    release = given.get("release", {"name": "garden", "version": "1.0"})
    return Job(
        name=source.name,
        release=release["name"],
        release_version=release["version"],
        source=source,
        properties=properties.bound_properties(source.properties, given["properties"]),
        # The golden data has the group's name, which is made of the alias and the type.
        provides=tuple(
            ProvidedLink(name=link["name"], type=link["type"], alias=link["group"].removesuffix(f"-{link['type']}"))
            for link in given.get("provides", [])
        ),
    )


def _release_job(folder: Path, spec: Mapping[str, Any]) -> ReleaseJob:
    return ReleaseJob(
        name=spec["name"],
        fingerprint="",
        where=str(folder / "spec"),
        templates=tuple(
            TemplateFile(source=source, destination=place, content=(folder / "templates" / source).read_bytes())
            for source, place in spec["templates"].items()
        ),
        monit=(folder / "monit").read_bytes(),
        properties=tuple(
            PropertyDefinition(name=name, default=(definition or {}).get("default"))
            for name, definition in spec["properties"].items()
        ),
        consumes=tuple(LinkDefinition(name=link["name"], type=link["type"]) for link in spec.get("consumes", [])),
    )
