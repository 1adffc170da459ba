import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.text.ops import paths
from director.text.ops.paths import AppendToken, IndexToken, KeyToken, MatchToken, Modifier


def test_tokens_are_told_apart_in_order() -> None:
    assert paths.read_path("/a/-1/k=v=w/-/b?/c/-") == (
        KeyToken(key="a"),
        IndexToken(index=-1),
        MatchToken(key="k", value="v=w"),
        KeyToken(key="-"),
        KeyToken(key="b", is_optional=True),
        KeyToken(key="c", is_optional=True),
        AppendToken(),
    )


def test_the_empty_path_is_the_document_and_a_slash_is_the_empty_key() -> None:
    assert (paths.read_path(""), paths.read_path("/")) == ((), (KeyToken(key=""),))


def test_escapes_are_undone_in_one_pass() -> None:
    assert paths.read_path("/~01~1~7~2/n~0=a~7b?:prev:after") == (
        KeyToken(key="~1/:~2"),
        MatchToken(key="n~", value="a:b", is_optional=True, modifiers=(Modifier.PREV, Modifier.AFTER)),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a", "Expected to start with '/'"),
        ("/-:after", "Expected not to find any modifiers with after last index token"),
        ("/a:prev", "Expected not to find any modifiers with key token"),
        (
            "/name=foo:bar",
            "Expected to find one of the following modifiers: 'prev', 'next', 'before', or 'after' but found 'bar'",
        ),
    ],
)
def test_what_is_no_path_is_refused_in_the_reference_tools_words(text: str, complaint: str) -> None:
    with pytest.raises(paths.PathTextError, match=f"^{complaint.replace('?', '.')}$"):
        paths.read_path(text)


def test_only_the_first_optional_token_shows_it() -> None:
    assert paths.describe_path(paths.read_path("/a?/k=v?:next/c?/3:before")) == "/a?/k=v:next/c/3:before"


@given(st.lists(st.text(max_size=8).filter(lambda key: not key.endswith("?") and "=" not in key), min_size=1))
def test_an_escaped_key_is_read_back_as_itself(keys: list[str]) -> None:
    text = "".join(f"/{paths.escape(key)}" for key in keys)
    tokens = paths.read_path(text)
    assert [token.key for token in tokens if isinstance(token, KeyToken)] == [
        key for number, key in enumerate(keys) if not _is_number(key) and (key != "-" or number < len(keys) - 1)
    ]
    assert paths.read_path(paths.describe_path(tokens)) == tokens


def _is_number(key: str) -> bool:
    bare = key[1:] if key[:1] in {"-", "+"} else key
    return bare.isascii() and bare.isdigit()
