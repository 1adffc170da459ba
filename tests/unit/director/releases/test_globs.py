"""director.releases.globs."""

import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.releases import globs


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("a/*", "a/b"),
        ("a/*", "a/.hidden"),
        ("a/**/*", "a/b"),
        ("a/**/*", "a/b/c/d"),
        ("**/*", "a"),
        ("**", "a/b"),
        ("a/**", "a/b/c"),
        ("./a//b", "a/b"),
        ("a?c", "abc"),
        ("a[b-d]e", "ace"),
        ("a[^b]c", "axc"),
        ("a[!b]c", "axc"),
        ("a[-]c", "a-c"),
        ("*.{tgz,tar.gz}", "x.tar.gz"),
        ("{a,b{c,d}}/e", "bd/e"),
        ("a\\*b", "a*b"),
        ("a.b", "a.b"),
        ("a\n*", "a\nb\n"),
    ],
)
def test_a_glob_matches(glob: str, path: str) -> None:
    assert globs.read_glob(glob).match(path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("a/*", "a/b/c"),
        ("a/**", "a"),
        ("a?c", "a/c"),
        ("a[^b]c", "a/c"),
        ("a[b-d]e", "aee"),
        ("a\\*b", "axb"),
        ("a.b", "axb"),
        ("a", "a/b"),
        ("a", "xa"),
        ("../a", "a"),
        ("a**b", "a/b"),
    ],
)
def test_a_glob_does_not_match(glob: str, path: str) -> None:
    assert not globs.read_glob(glob).match(path)


@pytest.mark.parametrize("glob", ["a[", "a[b", "a{b", "a{b,c", "a\\", "[]", "[b-a]", "[a-", "{a,b/c}/d"])
def test_a_glob_that_cannot_be_read_says_so(glob: str) -> None:
    with pytest.raises(globs.BadGlobError):
        globs.read_glob(glob)


@given(st.text("a*?{},/", max_size=8), st.text("ab/", min_size=1, max_size=8))
def test_a_glob_matches_what_its_plain_meaning_does(glob: str, path: str) -> None:
    try:
        pattern = globs.read_glob(glob)
    except globs.BadGlobError:
        return
    assert bool(pattern.match(path)) == bool(re.fullmatch(_plainly(glob), path, re.DOTALL))


def _plainly(glob: str) -> str:
    """The glob word for word: each star may take anything, and is tried again until all fits."""
    *folders, last = posixpath.normpath(glob).split("/")
    words = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}

    def name(text: str) -> str:
        depth, found = 0, ""
        for char in text:
            depth += (char == "{") - (char == "}" and depth > 0)
            is_word = char not in "}," or found.count("(?:") > found.count(")")
            found += ("|" if char == "," else words[char]) if is_word and char in "*?{}," else re.escape(char)
        return found

    pieces = ["(?:[^/]+/)*" if folder == "**" else name(folder) + "/" for folder in folders]
    return "".join(pieces) + (".+" if last == "**" else name(last))


def test_braces_cannot_multiply_without_end() -> None:
    with pytest.raises(globs.BadGlobError, match="more than 1000"):
        globs.read_glob("{a,b}" * 10)
