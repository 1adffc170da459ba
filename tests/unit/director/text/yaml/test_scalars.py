import math

import pytest

from director.text.yaml import scalars

YAML_V2: dict[str, object] = {
    "yes": True, "off": False, "y": True, "N": False, "True": True, "tRUE": "tRUE",
    "~": None, "null": None, "NULL": None, "nULL": "nULL",
    "0777": 511, "010": 8, "0o777": 511, "08": 8.0, "0x1F": 31, "0X1f": 31, "0b101": 5, "-0b11": -3, "0xZZ": "0xZZ",
    "1_000": 1000, "+5": 5, "-5": -5, "0": 0, "-0": 0, "1__0": 10, "_1": "_1", "-": "-", "+": "+",
    "1e3": 1000.0, ".5": 0.5, "-.5": -0.5, "5.": 5.0, "1.5e-3": 0.0015, "1e999": "1e999", ".": ".", "..": "..",
    "22:22": "22:22", "2001-01-01": "2001-01-01", "2024-02-30": "2024-02-30", "1,000": "1,000",
    "=": "=", ":sym": ":sym", "12345678901234567890": 12345678901234567890,
    "123456789012345678901": 1.2345678901234568e20,
    "18446744073709551615": 18446744073709551615, "-9223372036854775809": -9.223372036854775808e18,
    "+18446744073709551615": 1.8446744073709552e19,
    "0777777777777777777777777": 7.777777777777778e23, ".inf": math.inf, "-.Inf": -math.inf,
    "text": "text", "1.2.3": "1.2.3",
}  # fmt: skip


@pytest.mark.parametrize("text", YAML_V2)
def test_a_plain_scalar_means_what_yaml_v2_says(text: str) -> None:
    value = scalars.resolve_scalar(text)
    assert (type(value), value) == (type(YAML_V2[text]), YAML_V2[text])


def test_not_a_number_is_a_float() -> None:
    assert scalars.resolve_scalar(".NaN") != scalars.resolve_scalar(".NaN")


@pytest.mark.parametrize("text", ["2001-01-01", "2001-1-2", "2001-12-14T21:59:43Z", "2001-12-14 21:59:43.5"])
def test_a_timestamp_stays_text_but_is_not_printed_plain(text: str) -> None:
    assert scalars.resolve_kind(text) == ("timestamp", text)
    assert not scalars.is_read_back(text)


@pytest.mark.parametrize("text", ["9" * 5000, f"-{'9' * 5000}", f"1{'_0' * 5000}"])
def test_a_number_of_thousands_of_digits_is_text(text: str) -> None:
    assert scalars.resolve_kind(text) == ("str", text)


@pytest.mark.parametrize("text", ["2024-02-30", "2001-13-01", "2001-01-01T24:00:00Z", "2001-01-01 10:00:00Z"])
def test_an_impossible_timestamp_is_plain_text(text: str) -> None:
    assert scalars.resolve_kind(text) == ("str", text)


def test_base_60_is_quoted_though_it_is_text() -> None:
    assert [scalars.is_read_back(text) for text in ("12:30", "1:02:03", "12:70", "a:b")] == [False, False, True, True]
