"""The watch schedule."""

import pytest

from director.execute.steps.await_running import watch_pauses_s
from director.model.desired import WatchTime


def test_the_first_look_is_after_the_least_time_and_later_ones_grow_apart() -> None:
    pauses = watch_pauses_s(WatchTime(min_ms=500, max_ms=2000))
    assert [round(pause, 3) for pause in pauses] == [0.5, 0.1, 0.13, 0.169, 0.22, 0.286, 0.371, 0.224]


def test_one_time_is_one_look() -> None:
    assert watch_pauses_s(WatchTime(min_ms=3000, max_ms=3000)) == (3.0,)


@pytest.mark.parametrize(("least", "most"), [(0, 1000), (1000, 60000), (30000, 600000), (100, 1300000)])
def test_all_looks_together_last_as_long_as_the_most(least: int, most: int) -> None:
    assert sum(watch_pauses_s(WatchTime(min_ms=least, max_ms=most))) == pytest.approx(most / 1000, abs=0.01)
