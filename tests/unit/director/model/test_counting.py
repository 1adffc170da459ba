"""Names in a line: as many as fit, one at least."""

import pytest

from director.model import counting
from director.model.counting import count_text, names_text


@pytest.mark.parametrize(
    ("longest", "text"), [(4, "one and 2 more"), (8, "one, two and 1 more"), (15, "one, two, three")]
)
def test_names_that_do_not_fit_are_counted(longest: int, text: str) -> None:
    assert names_text(["one", "two", "three"], longest=longest) == text


def test_one_name_is_shown_however_long_it_is() -> None:
    assert names_text(["x" * 9, "y"], longest=3) == f"{'x' * 9} and 1 more"
    assert (names_text([], longest=3), count_text(1, "VM"), count_text(2, "VM")) == ("", "1 VM", "2 VMs")


def test_names_are_in_the_order_of_their_numbers() -> None:
    names = ["web/10", "web/2", "db/0", "web/2 of b", "web", "9", "10"]
    assert counting.in_natural_order(names) == ["9", "10", "db/0", "web", "web/2", "web/2 of b", "web/10"]
