"""The words of `interpolate` that are read without click."""

import pytest

from director.cli import interpolation
from director.cli.commands import interpolate
from director.cli.interpolation import InterpolateFlags

TAKEN = (
    "m.yml",
    "-",
    "m.yml -o a.yml --ops-file b.yml --ops-file=c.yml",
    "-v a=1 m.yml --var b=2 --var=c=3 -v -x",
    "m.yml -l a.yml --vars-file b.yml --var-file key=path=1 --vars-env A --vars-env=B",
    "m.yml --path /a=b/0 --var-errs --var-errs-unused --var-errs",
    "m.yml --path=/a=b",
)
LEFT = (
    "",
    "a.yml b.yml",
    "m.yml --help",
    "m.yml -h",
    "m.yml -o",
    "m.yml -oa.yml",
    "m.yml --ops a.yml",
    "m.yml -v=d",
    "m.yml --",
    "m.yml --json",
    "m.yml --var-errs=1",
    "m.yml --var-file key",
    "m.yml --var-file =x",
    "m.yml --path /a --path /b",
    "m.yml --vars-store s.yml",
    "m.yml --vars-store=s.yml",
)


@pytest.mark.parametrize("words", TAKEN)
def test_words_mean_what_they_mean_to_click(words: str) -> None:
    context = interpolate.command.make_context("interpolate", words.split())
    read = interpolation.read_words(words.split(), {})
    assert read == interpolate.read_flags(**context.params)


@pytest.mark.parametrize("words", LEFT)
def test_words_to_explain_are_left_to_the_general_door(words: str) -> None:
    assert interpolation.read_words(words.split(), {}) is None


def test_an_empty_word_is_left_to_the_general_door() -> None:
    assert interpolation.read_words([""], {}) is None
    assert interpolation.read_words(["m.yml", "-o", ""], {}) is None


@pytest.mark.parametrize("name", ["COMPLEAT_INTERPOLATE_VAR", "COMPLEAT_INT_PATH", "_COMPLEAT_COMPLETE"])
def test_options_of_the_environment_are_left_to_the_general_door(name: str) -> None:
    assert interpolation.read_words(["m.yml"], {name: "x"}) is None


def test_the_flags_show_no_value() -> None:
    assert "secret" not in repr(InterpolateFlags(manifest="m.yml", kvs=("password=secret",)))
