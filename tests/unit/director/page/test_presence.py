"""A page lives as long as its command, and then as long as a browser looks, an hour at most."""

import os
from collections.abc import Iterator

import pytest

from director.page import presence
from director.page.presence import Presence


class _Clock:
    now = 0.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_a_page_lives_while_its_command_does(pipe: tuple[int, int]) -> None:
    clock = _Clock()
    seen = Presence(pipe[0], now=lambda: clock.now)
    clock.now = 10 * presence.LONGEST_S
    assert not seen.look()
    os.close(pipe[1])


def test_without_a_browser_it_ends_soon_after_the_command(pipe: tuple[int, int]) -> None:
    clock = _Clock()
    seen = Presence(pipe[0], now=lambda: clock.now)
    os.close(pipe[1])
    assert not seen.look()
    clock.now = presence.LEFT_S + 1
    assert seen.look()


def test_with_a_browser_it_lives_on_for_an_hour_at_most(pipe: tuple[int, int]) -> None:
    clock = _Clock()
    seen = Presence(pipe[0], now=lambda: clock.now)
    os.close(pipe[1])
    ended = []
    for minute in range(62):
        clock.now = 60.0 * minute
        seen.note_visit()
        ended.append(seen.look())
    assert (ended.index(True), ended[-1]) == (61, True)
