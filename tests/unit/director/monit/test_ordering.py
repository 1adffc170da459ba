"""Checks of one instance in the order in which they start."""

import pytest

from director.monit.checks import Check, NameTwiceError, UnorderedError
from director.monit.ordering import of_group, order_checks


def check(name: str, *depends_on: str, kind: str = "process") -> Check:
    return Check(name, f"/{name}" if kind == "process" else "", group="vcap", depends_on=depends_on, kind=kind)


def test_checks_come_after_what_they_depend_on() -> None:
    web, db, cache = check("web", "db", "cache"), check("db", "cache"), check("cache")
    assert order_checks([web, db, cache]) == [cache, db, web]


def test_a_circle_is_spelled_out() -> None:
    with pytest.raises(UnorderedError) as caught:
        order_checks([check("c", "a"), check("a", "b"), check("b", "a")])
    assert (caught.value.why, caught.value.names) == ("the circle is a -> b -> a", ("a", "b"))


def test_an_unknown_dependency_is_named() -> None:
    with pytest.raises(UnorderedError) as caught:
        order_checks([check("a", "z")])
    why = "'a' depends on 'z', which no monit file of this instance defines"
    assert (caught.value.why, caught.value.names) == (why, ("a",))


def test_one_name_twice_is_refused() -> None:
    with pytest.raises(NameTwiceError) as caught:
        order_checks([check("a"), check("b"), check("a")])
    assert caught.value.names == ("a",)


def test_a_check_outside_of_the_group_is_nobodys() -> None:
    assert of_group([Check("a", "/a"), check("b")]) == [check("b")]


def test_what_depends_on_a_host_depends_on_what_the_host_does() -> None:
    file, host = check("file", "db", kind="file"), check("host", "file", kind="host")
    assert order_checks([check("web", "host"), file, host, check("db")]) == [
        check("db"),
        file,
        check("web", "file"),
    ]


def test_a_chain_of_thousands_is_ordered() -> None:
    chain = [check(f"c{number}", f"c{number + 1}") for number in range(3000)] + [check("c3000")]
    assert order_checks(chain)[0].name == "c3000"
