"""The page escapes every text, and its parts are those of the whole page."""

import re
from html.parser import HTMLParser

import pytest

from director.model.ids import ActionId, EnvironmentName
from director.model.tasks.caller import Caller
from director.model.tasks.events import Event, Happening
from director.model.tasks.task import Task
from director.page import fragments
from director.page.fragments import FRAGMENTS, Fragments
from director.report.pages import task_view
from director.report.pages.task_log import TaskLog
from director.report.pages.task_view import TaskFacts, TaskView
from tests.unit.director.report.pictures.plans import action, plan

_HOSTILE = "<img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"


class _Elements(HTMLParser):
    """What a browser makes of a page: tags, names of attributes, and their values."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.values: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.values.update(value or "" for _, value in attrs)


def _view(text: str) -> TaskView:
    task = Task(environment=EnvironmentName("e"), caller=Caller(who=text, command=text, at=1.0), number=7, result=text)
    log = TaskLog()
    named = ActionId("a")
    log.read(
        (
            Event(at=1, happening=Happening.STARTED, subject=text, action=named),
            Event(at=2, happening=Happening.PROGRESS, subject=text, action=named, text=text),
            Event(at=3, happening=Happening.REPORT, subject=text, text=text, stage=text),
            Event(at=4, happening=Happening.PRICE, subject=text, text="0.25"),
            Event(at=5, happening=Happening.REPORT, subject="password", kind="secret"),
            Event(at=6, happening=Happening.FAILED, subject=text, action=named, text=f"{text}: {text}"),
        )
    )
    facts = TaskFacts(task=task, is_alive=False, plans=(plan(action(text, name="a"), action("web/0", "a")),))
    return task_view.view_of(facts, log, now=10.0)


@pytest.fixture(scope="module")
def rendered() -> Fragments:
    return Fragments(fragments.environment())


def test_no_text_becomes_an_element_an_attribute_or_a_template(rendered: Fragments) -> None:
    html = rendered.page(_view(_HOSTILE), program="compleat", now=1.0)
    found = _Elements()
    found.feed(html)
    assert ("img" in found.tags, [name for name in found.attributes if name.startswith("on")]) == (False, [])
    assert {_HOSTILE} < found.values
    assert "49" not in re.sub(r"\d+:\d+:\d+", "", html)


def test_scripts_and_styles_are_files(rendered: Fragments) -> None:
    """What the content security policy demands."""
    html = rendered.page(_view("x"), program="compleat", now=1.0)
    assert re.findall(r"<script[^>]*>[^<]", html) + re.findall(r"<style|\sstyle=", html) == []


def test_each_part_is_in_the_page_as_it_is_sent(rendered: Fragments) -> None:
    view = _view("web/0")
    html = rendered.page(view, program="compleat", now=1.0)
    parts = rendered.parts(view, program="compleat")
    assert tuple(parts) == FRAGMENTS
    assert [name for name, part in parts.items() if part not in html or f'id="{name}"' not in html] == []


@pytest.mark.parametrize(("seconds", "words"), [(-1, "0 s"), (59.9, "59 s"), (61, "1 min 1 s"), (7380, "2 h 3 min")])
def test_seconds_are_shown_in_the_units_that_fit(seconds: float, words: str) -> None:
    assert fragments.seconds_words(seconds) == words
