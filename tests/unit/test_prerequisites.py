"""What the tests need beside pip's packages: found by looking, told with the package that has it."""

from pathlib import Path

from tests.prerequisites import ALL, BY_NAME, Prerequisite, describe

_TESTS = Path(__file__).parents[1]
_ABSENT = Prerequisite(name="absent", library="libnone.so.9", package="libnone9", tests="of nothing")


def test_a_library_is_here_when_it_loads() -> None:
    here = Prerequisite(name="here", library="libc.so.6", package="libc6", tests="of everything")

    assert (here.is_here(), _ABSENT.is_here()) == (True, False)


def test_an_absent_library_is_told_with_its_package() -> None:
    assert _ABSENT.reason() == "libnone.so.9 is not installed (apt-get install libnone9)"
    assert describe([_ABSENT]) == [
        "Not installed: run `sudo apt-get install libnone9` to run every test.",
        "  Tests of nothing are skipped: no libnone.so.9.",
    ]


def test_each_looks_for_something() -> None:
    assert [each.name for each in ALL if not each.what] == []


def test_every_test_in_a_browser_needs_all_that_playwright_starts() -> None:
    texts = {path: path.read_text() for path in _TESTS.rglob("test_*.py") if path != Path(__file__)}
    in_a_browser = {path for path, text in texts.items() if "playwright" in text or ".browsing" in text}

    assert in_a_browser
    assert {
        path.name for path in in_a_browser if 'needs("browser", "certutil", "libatomic")' not in texts[path]
    } == set()
    assert {"browser", "certutil", "libatomic"} <= set(BY_NAME)
