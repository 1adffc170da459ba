"""Checking many instances' templates: every failure of every instance is reported, and the same text is made once."""

import gc
import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.errors import InputError
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.erb import ErbFailure, ErbRequest, ErbText
from director.model.examined import JobFindings
from director.model.rendered import RenderedFile
from director.model.secret_ref import Property, SecretRef
from director.render import reads
from director.render.front import Engines, check_jobs, render_jobs
from director.render.languages import Language
from director.render.templates import Jinja
from tests.support.examples import share
from tests.unit.director.render.builders import build_job, build_spec, no_erb, no_secret


def _group(job: Job, count: int) -> list[InstanceSpec]:
    """Instances of one group whose job consumes a link to all of them."""
    peers: list[Property] = [{"name": "web", "index": index, "address": f"10.0.0.{index}"} for index in range(count)]
    links: Mapping[str, Property] = {"peers": {"instances": peers, "properties": {}, "address": "a", "group": "web"}}
    first = build_spec(job, links=links)
    return [replace(first, spec={**first.spec, "index": index, "id": f"i-{index}"}) for index in range(count)]


class CountingRuby:
    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
        self.asked.append(tuple(template.name for template in request.templates))
        return tuple(ErbText(content="") for _ in request.templates)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("{% for i in link('peers').instances %}{{ i.index }}{{ i.name }}{{ loop.index }}{% endfor %}", frozenset()),
        ("{{ spec.ip }}{{ spec['az'] }}{{ index }}{{ name }}", frozenset({"ip", "az", "index", "name"})),
        ("{{ spec.networks.default.ip }}", frozenset({"networks"})),
        ("{{ spec | json }}", None),
        ("{% set s = spec %}{{ s.ip }}", None),
        ("{{ spec[p('field')] }}", None),
        ("{{ spec.get('ip') }}", None),
        ("{{ spec.items() | list }}", None),
        ("{% for key in spec %}{{ key }}{% endfor %}", None),
        ("{{ [1, 2] | random }}", None),
        ("{{ lipsum() }}", None),
        ("{% if %}", frozenset()),
    ],
)
def test_what_a_jinja_template_reads_of_its_instance(text: str, fields: frozenset[str] | None) -> None:
    assert reads.fields_read("x.j2", text.encode(), Language.JINJA) == fields


@pytest.mark.parametrize(
    ("text", "is_same_for_all"),
    [
        ("<% link('peers').instances.each do |i| %><%= i.index %><%= i.name %><% end %>", True),
        ("<%= p('name') %> <%= p(\"index\") %>", True),
        ("<%= spec.ip %>", False),
        ("<%= index %>", False),
        ("<%= name %>", False),
        ("<%= rand(5) %>", False),
        ("<%= eval(p('code')) %>", False),
        ("name: web\n<%= p('name') %>\nspec: index\n", True),
        ("a <%# %> name %> b", True),
        ("a <%% name %> b", False),
        ("a <% p('x', '%%> ') + name %>", False),
        ("a <%- p('x') -%> <%\n name\n-%>", False),
        ("a <%= name", False),
    ],
)
def test_what_an_erb_template_reads_of_its_instance(text: str, is_same_for_all: bool) -> None:
    assert reads.fields_read("x.erb", text.encode(), Language.ERB) == (frozenset() if is_same_for_all else None)


def test_a_template_that_does_not_look_at_its_instance_is_rendered_once_for_all() -> None:
    ruby = CountingRuby()
    job = build_job({"peers.erb": "<%= link('peers').address %>", "self.erb": "<%= spec.index %>"})
    assert check_jobs(_group(job, 50), no_secret, Engines(erb=ruby, jinja=Jinja())) == JobFindings()
    assert ruby.asked == [("peers.erb", "self.erb")] + [("self.erb",)] * 49


def test_instances_that_print_much_are_not_all_kept_and_what_they_share_is_still_rendered_once() -> None:
    alive: list[int] = []
    asked: list[tuple[str, ...]] = []

    def ruby(request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
        asked.append(tuple(template.name for template in request.templates))
        if len(asked) % 10 == 0:
            alive.append(sum(len(file.content) for file in gc.get_objects() if isinstance(file, RenderedFile)))
        return tuple(
            ErbFailure(line=1, message="no") if template.name == "bad.erb" else ErbText(content="x" * (1 << 20))
            for template in request.templates
        )

    job = build_job({"all.erb": "<%= p('a') %>", "bad.erb": "<%= p('b') %>", "self.erb": "<%= spec.index %>"})
    problems = check_jobs(_group(job, 60), no_secret, Engines(erb=ruby, jinja=Jinja())).problems
    assert asked == [("all.erb", "bad.erb", "self.erb")] + [("self.erb",)] * 59
    assert len(problems) == 1
    assert max(alive) < 24 << 20


def test_a_failure_of_one_instance_alone_is_told() -> None:
    job = build_job({"x.j2": "{% if spec.index == 7 %}{{ p('wanted') }}{% endif %}"})
    problems = check_jobs(_group(job, 20), no_secret, Engines(erb=no_erb, jinja=Jinja())).problems
    assert [problem.what for problem in problems] == [
        "Template 'x.j2' of job 'web' fails for instance front/7: Can't find property '[\"wanted\"]'."
    ]


def test_jobs_of_the_same_name_with_other_properties_are_each_rendered() -> None:
    jobs = [build_job({"x.j2": "{{ p('port') + 1 }}"}, properties={"port": port}) for port in (1, "none")]
    problems = check_jobs([build_spec(job) for job in jobs], no_secret, Engines(erb=no_erb, jinja=Jinja())).problems
    assert len(problems) == 1


def test_groups_whose_jobs_are_equal_share_what_is_rendered() -> None:
    ruby = CountingRuby()
    first = build_job({"x.erb": "<%= p('a') %>"}, properties={"a": {"b": 1, "c": 2}})
    jobs = [
        first,
        replace(first, properties={"a": {"b": 1, "c": 2}}),
        replace(first, properties={"a": {"c": 2, "b": 1}}),
        replace(first, properties={"a": {"b": True, "c": 2}}),
        replace(first, name="other"),
    ]
    assert check_jobs([build_spec(job) for job in jobs], no_secret, Engines(erb=ruby, jinja=Jinja())) == JobFindings()
    assert len(ruby.asked) == len(jobs) - 1


def test_jobs_that_are_equal_but_for_their_links_are_each_rendered() -> None:
    ruby, job = CountingRuby(), build_job({"x.erb": "<%= link('a').address %>"})
    links: list[dict[str, Mapping[str, Property]]] = [{}, {job.name: {"a": {"address": "x"}}}, {}]
    specs = [replace(build_spec(job), links=each) for each in links]
    assert check_jobs(specs, no_secret, Engines(erb=ruby, jinja=Jinja())) == JobFindings()
    assert len(ruby.asked) == 2


def test_secrets_stay_out_of_what_is_told() -> None:
    job = build_job({"x.j2": "{{ 1 + p('key') }}"}, properties={"key": SecretRef(name="/k")})
    (problem,) = check_jobs(_group(job, 3), lambda name: "hush-hush", Engines(erb=no_erb, jinja=Jinja())).problems
    assert "hush-hush" not in f"{problem.what}{problem.why}{problem.fix}"


_PIECES = (
    "{{ spec.index }}",
    "{{ index }}",
    "{{ name }}",
    "{{ spec.id }}",
    "{{ p('port') }}",
    "{{ spec.az }}",
    "{% for i in link('peers').instances if i.index != spec.index %}{{ i.address }}{% endfor %}",
    "{% for i in link('peers').instances %}{{ i.address }}{% endfor %}",
    "{% if spec.index is divisibleby 3 %}{{ p('wanted') }}{% endif %}",
    "{% if spec.id == 'i-4' %}{{ spec.nothing.at_all }}{% endif %}",
    "{% if index > 3 %}{{ link('none').address }}{% endif %}",
)


@share(0.6)
@given(texts=st.lists(st.lists(st.sampled_from(_PIECES), max_size=4), min_size=1, max_size=3), seed=st.integers(0, 9))
def test_what_is_told_is_what_rendering_each_instance_would_tell(texts: list[list[str]], seed: int) -> None:
    job = build_job({f"{at}.j2": "".join(pieces) for at, pieces in enumerate(texts)}, properties={"port": 1})
    group = _group(job, 6)
    random.Random(seed).shuffle(group)
    reported = {
        _without_instance(each) for each in check_jobs(group, no_secret, Engines(erb=no_erb, jinja=Jinja())).problems
    }
    expected = set()
    for spec in group:
        try:
            render_jobs(spec, no_secret, Engines(erb=no_erb, jinja=Jinja()))
        except InputError as error:
            expected |= {_without_instance(each) for each in getattr(error, "problems", (error,))}
    assert reported == expected


def _without_instance(problem: InputError) -> tuple[str, str, str]:
    return (problem.where, problem.why, problem.fix)
