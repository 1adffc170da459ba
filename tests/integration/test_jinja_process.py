"""One process renders all Jinja templates: one that takes too much time or memory fails alone, with its name."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue
from director.edge.templates.jinja import JinjaProcess
from director.model.erb import ErbFailure, ErbRequest, ErbTemplate, ErbText

WORKER = "director.cli.jinja_worker"


@pytest.fixture
def jinja() -> Iterator[JinjaProcess]:
    with JinjaProcess(WORKER, timeout_s=3.0) as evaluator:
        yield evaluator


def asked(*templates: str) -> ErbRequest:
    return ErbRequest(
        job="web",
        spec={"name": "front", "index": 0},
        properties={"a": "é", "n": [1]},
        templates=tuple(ErbTemplate(name=f"{number}.j2", text=text) for number, text in enumerate(templates)),
    )


def test_answers_come_in_order(jinja: JinjaProcess) -> None:
    assert jinja(asked("{{ p('a') }}", "\n{{ p('b') }}", "{{ name }}/{{ spec.index }}", "{{ spec.properties }}")) == (
        ErbText(content="é"),
        ErbFailure(line=2, message="Can't find property '[\"b\"]'", names=("b",)),
        ErbText(content="front/0"),
        ErbFailure(line=1, message="'dict object' has no attribute 'properties'"),
    )


def test_a_property_that_a_link_lacks_is_the_links(jinja: JinjaProcess) -> None:
    links: dict[str, JsonValue] = {"db": {"instances": [], "properties": {}}}
    failure, own = jinja(replace(asked("{{ link('db').p('a') }}", "{{ p('b') }}"), links=links))
    assert isinstance(failure, ErbFailure)
    assert isinstance(own, ErbFailure)
    assert (failure.is_of_link, own.is_of_link) == (True, False)


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% set x = ('a' * 100000) | sort %}{% endfor %}",
        "{% set x = range(99999) | slice(99999999) | list %}",
        "{% set x = 'a'.ljust(3000000000) %}",
        "{% set x = 'a' | indent(2000000000) %}",
        "{% set x = [1] | batch(99999999, 0) | list %}",
        "{% set x = 'a' | center(10 ** 10) %}",
        "{% set x = '%010000000000d' | format(1) %}",
        "{% set x = '{:>9999999999}'.format(1) %}",
        "{% set x = ('a' * 16000000).replace('a', 'b' * 16000000) %}",
    ],
)
def test_what_takes_too_much_time_or_memory_fails_alone_and_names_its_line(jinja: JinjaProcess, template: str) -> None:
    began = time.monotonic()
    first, second = jinja(asked(f"one\n{template}", "{{ p('a') }}"))
    assert isinstance(first, ErbFailure)
    assert first.message in (
        "it exceeds its memory limit",
        "not done after 3 s",
        "not done after 5 s",
    ) or first.message.startswith("The process that renders Jinja ended with status")
    is_folded = "batch" in template  # Jinja itself works out constants while it compiles, where no line is known
    assert first.line == 2 or is_folded or "not done after 5" in first.message or "ended with" in first.message
    assert second == ErbText(content="é")
    assert time.monotonic() - began < 60


def test_nothing_is_started_where_there_is_no_template() -> None:
    before = _children()
    with JinjaProcess(WORKER) as evaluator:
        assert evaluator(asked()) == ()
        assert _children() == before


def _children() -> str:
    return Path("/proc/thread-self/children").read_text()


@pytest.mark.parametrize(
    "change",
    [
        "{{ p('n').append(2) }}",
        "{{ properties.update(a='other') }}",
        "{{ properties.pop('a') }}",
        "{{ link('db').instances[0].properties.x.append(1) }}",
        "{{ link('db').properties.clear() }}",
        "{{ link('db').__setattr__('where', 'x') }}",
        "{{ link.__self__.by_name.clear() }}",
        "{{ p.__func__.__globals__.clear() }}",
    ],
)
def test_a_template_cannot_change_what_that_of_the_next_instance_sees(jinja: JinjaProcess, change: str) -> None:
    seen = (
        "{{ index }}{{ properties | json }}{{ link('db').properties | json }}"
        "{{ link('db').instances[0].properties | json }}"
    )
    links: dict[str, JsonValue] = {
        "db": {"instances": [{"address": "10.0.0.1", "properties": {"x": []}}], "properties": {"y": 1}, "address": "a"}
    }
    first = replace(asked(change), links=links)
    assert isinstance(jinja(first)[0], ErbFailure)
    second = replace(first, spec={"name": "front", "index": 1}, templates=(ErbTemplate(name="t", text=seen),))
    assert jinja(second) == (ErbText(content='1{"a": "é", "n": [1]}{"y": 1}{"x": []}'),)
