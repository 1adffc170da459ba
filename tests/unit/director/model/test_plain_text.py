"""Text from outside made plain: what a terminal would obey is gone, what a person reads stays."""

import time

import pytest

from director.model.plain_text import plain_line, plain_lines


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("e\x1b[31mred\x1b[0m", "ered"),
        ("W\x1b]0;pwned\x07\x1b[2JX", "WX"),
        ("o\x1b]52;c;ZXZpbA==\x07k", "ok"),
        ("\x9d0;title\x9cz", "0;titlez"),
        ("\x9b31mhi", "31mhi"),
        ("a\x1bPq\x1b\\b", "ab"),
        ("x\x1b(By", "xy"),
        ("end\x1b]0;no end", "end"),
        ("a\x1b[", "a"),
        ("over\x08\x08here", "overhere"),
        ("left\u202eright", "leftright"),
        ("half \ud800 a pair", "half  a pair"),
        ("Grüße, 名前", "Grüße, 名前"),
    ],
)
def test_sequences_and_controls_are_gone(text: str, plain: str) -> None:
    assert (plain_line(text), plain_lines(text)) == (plain, plain)


def test_a_line_is_one_line_and_lines_end_alike() -> None:
    text = "y\r\n  fix: rm -rf /\rz\u2028w"
    assert (plain_line(text), plain_lines(text)) == ("y   fix: rm -rf / z w", "y\n  fix: rm -rf /\nz\nw")


def test_of_a_long_line_the_beginning_stays_and_of_many_lines_the_end() -> None:
    assert (plain_line("a" * 50, most=10), plain_lines("a" * 50 + "b" * 5, most=10)) == (
        "a" * 10 + "...",
        "a" * 5 + "b" * 5,
    )


@pytest.mark.parametrize("part", ["\x1b[", "\x1b]", "\x1b[1", "\x9d", "\x1bP", "\x1b  ", "\x1b[" + "0" * 1000, "\r\n"])
def test_the_worst_text_takes_no_more_than_linear_time(part: str) -> None:
    """100 KiB; what squares its length takes minutes."""
    began = time.process_time()
    plain_lines(part * (102_400 // len(part)), most=1 << 20)
    assert time.process_time() - began < 1
