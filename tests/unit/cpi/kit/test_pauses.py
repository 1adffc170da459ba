"""How long to wait, as answers say it: a number within bounds, or the default."""

import pytest

from cpi.kit import pauses


@pytest.mark.parametrize(
    ("text", "pause_s"),
    [
        ("11", 11.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("", 2.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 2.0),
        ("\u00b2", 2.0),
        ("nan", 2.0),
        ("inf", pauses.LONGEST_S),
        ("1e999", pauses.LONGEST_S),
        ("99999999999", pauses.LONGEST_S),
    ],
)
def test_a_pause_is_finite_whatever_was_written(text: str, pause_s: float) -> None:
    assert pauses.read_pause(text, default_s=2.0) == pause_s


def test_milliseconds_are_a_unit() -> None:
    assert pauses.read_pause("1500", default_s=2.0, unit=1000.0) == 1.5
