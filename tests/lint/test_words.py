"""Documents and messages are written in plain technical English: no phrase of the word list is in them."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import plain_words
from tests.support.sources import Source

ROOT = Path(__file__).parents[2]
GENERATED = {"docs/reference/commands.md", "docs/reference/errors.md"}
"""Their words are those of the sources."""
PHRASES = {**plain_words.PHRASES, **plain_words.IN_DOCUMENTS}

PAGES = sorted(
    {
        str(page.relative_to(ROOT))
        for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "manifests").rglob("*.md"))
    }
    - GENERATED
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_phrase_of_the_word_list(name: str) -> None:
    text = plain_words.prose((ROOT / name).read_text())
    found = plain_words.find(name, text, PHRASES)
    assert not found, "\n".join(found)


DONE = ("cpi", "director")
"""Where no message has a phrase of the word list."""


def _messages(source: Source) -> Iterator[tuple[int, str]]:
    """Line and text of each string literal of two words or more that is no docstring."""
    docstrings = {id(each.value) for each in source.nodes if isinstance(each, ast.Expr)}
    for each in source.nodes:
        if not isinstance(each, ast.Constant) or not isinstance(each.value, str) or id(each) in docstrings:
            continue
        if " " in each.value.strip():
            yield each.lineno, each.value


DOCSTRINGS_DONE = ("cpi", "director", "tests")
"""Where no docstring and no comment has a phrase of the word list."""


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring and comment."""
    for each in ast.walk(ast.parse(source)):
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
            yield each.lineno, each.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.mark.parametrize("room", DOCSTRINGS_DONE)
def test_a_docstring_or_comment_has_no_phrase_of_the_word_list(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {phrase}"
        for path in sorted((ROOT / room).rglob("*.py"))
        if plain_words.has_any(source := path.read_text(), PHRASES)
        for line, text in _comments(source)
        for phrase in plain_words.find("text", text, PHRASES)
    ]
    assert (ROOT / room).is_dir()
    assert not found, "\n".join(found)


def test_comments_and_docstrings_are_read_with_their_lines() -> None:
    source = 'x = "is told"  # a comment\ndef f():\n    """A docstring."""\n'
    assert tuple(_comments(source)) == ((3, "A docstring."), (1, "# a comment"))


@pytest.mark.parametrize("room", DONE)
def test_a_message_of_the_sources_has_no_phrase_of_the_word_list(room: str, sources: tuple[Source, ...]) -> None:
    of_room = [source for source in sources if source.name.startswith(f"{room}/")]
    found = [
        f"{source.name}:{line}: {phrase}"
        for source in of_room
        for line, text in _messages(source)
        for phrase in plain_words.find("message", text, PHRASES)
    ]
    assert of_room
    assert not found, "\n".join(found)


NAMES_DONE = ("cpi", "director")
"""Where no name has a word of the list."""

NAMES_ALLOWED = {"tell"}
"""A method of the standard library's files."""


def _names(source: Source) -> Iterator[tuple[int, str]]:
    """Line and text of the name of each module, class, function, argument and variable."""
    yield 1, Path(source.name).stem
    for each in source.nodes:
        match each:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.ImportFrom(module=str(name)):
                yield each.lineno, name.rpartition(".")[2]
            case ast.arg(arg=name):
                yield each.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield each.lineno, name


@pytest.mark.parametrize("room", NAMES_DONE)
def test_a_name_has_no_word_that_an_engineer_would_not_guess(room: str, sources: tuple[Source, ...]) -> None:
    of_room = [source for source in sources if source.name.startswith(f"{room}/")]
    found = [
        f"{source.name}:{line}: {problem}"
        for source in of_room
        for line, name in _names(source)
        if name not in NAMES_ALLOWED and (problem := plain_words.in_name(name))
    ]
    assert of_room
    assert not found, "\n".join(found)


def test_a_word_of_the_list_is_found_in_any_spelling_of_a_name() -> None:
    assert plain_words.in_name("WishesOfAll") == "'WishesOfAll': 'wishes': use: request"
    assert plain_words.in_name("_is_told") == "'_is_told': 'told': use: report, answer"
    assert plain_words.in_name("storyteller_restold") == ""


def test_a_phrase_is_found_with_its_line_and_what_to_write_instead() -> None:
    text = "A disk of\n0 MiB cannot be. What\nlacks is\ntold.\n"
    assert plain_words.find("page.md", text, plain_words.PHRASES) == (
        "page.md:2: 'cannot be.': write: say the rule: 'X must be ...', 'X is not valid'",
        "page.md:3: 'is told': write: report: 'compleat reports X', 'X is reported'",
    )


def test_words_that_only_contain_a_phrase_are_not_found() -> None:
    assert plain_words.find("page.md", "It cannot be read. Relies on utmostly. Replies.", plain_words.PHRASES) == ()


def test_code_on_a_page_is_not_prose_and_lines_keep_their_numbers() -> None:
    page = "It `is told`.\n```console\nit lies\n```\n\n    mostly\n- whoever\n"
    assert plain_words.find("page.md", plain_words.prose(page), plain_words.PHRASES) == (
        "page.md:7: 'whoever': write: name the role: the user, the owner, the director",
    )
