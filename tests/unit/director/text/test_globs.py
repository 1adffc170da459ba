"""director.text.globs."""

import pytest

from director.text import globs


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
