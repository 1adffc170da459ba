"""Every kind of action has every fact."""

from dataclasses import fields, is_dataclass

import pytest

from director.actions import kinds
from director.model.tasks.work import CloudWork, InstanceWork, Result, VmWork, Work

EVERY_KIND = pytest.mark.parametrize("kind", kinds.KINDS, ids=list(kinds.BY_NAME))
_DELETED_UNASKED = {"delete_stemcell", "forget_instance"}
"""Actions that leave nothing to find: an image is created again, and a forgotten instance has no resources."""


@EVERY_KIND
def test_a_kind_is_named_as_its_file_and_its_class(kind: type[Work]) -> None:
    name = _name_of(kind)
    assert kind.__dataclass_fields__["kind"].default == name
    assert kind.__name__ == "".join(word.capitalize() for word in name.split("_"))


@EVERY_KIND
def test_a_kind_has_its_words(kind: type[Work]) -> None:
    facts = kind.facts
    assert all((facts.verb, facts.noun, facts.doing))
    assert facts.doing.split()[0].endswith("ing")
    assert facts.verb.islower()
    assert facts.noun.islower()


@EVERY_KIND
def test_what_calls_a_cloud_is_paced_by_that_cloud_and_nothing_else_is(kind: type[Work]) -> None:
    assert (kind.facts.family is not None) == issubclass(kind, CloudWork)


@EVERY_KIND
def test_what_changes_a_cloud_is_an_event(kind: type[Work]) -> None:
    assert kind.facts.is_event or not issubclass(kind, CloudWork)


@EVERY_KIND
def test_a_plan_shows_what_is_made_and_what_goes(kind: type[Work]) -> None:
    made = "~" if issubclass(kind, InstanceWork) else "+"  # a new disk changes the instance that it is for
    signs = {"create": made, "store": made, "delete": "-", "forget": "-"}
    assert kind.facts.sign == signs.get(kind.facts.verb, "~")


@EVERY_KIND
def test_what_deletes_asks_first(kind: type[Work]) -> None:
    assert kind.facts.needs_consent or kind.facts.sign != "-" or _name_of(kind) in _DELETED_UNASKED


@EVERY_KIND
def test_a_result_is_a_frozen_value_of_its_own_type(kind: type[Work]) -> None:
    assert is_dataclass(kind.result)
    assert issubclass(kind.result, Result)


@EVERY_KIND
def test_only_what_belongs_to_an_instance_can_leave_it_dirty(kind: type[Work]) -> None:
    belongs = issubclass(kind, InstanceWork | VmWork)
    assert belongs == ("instance" in {field.name for field in fields(kind)})


def test_two_clouds_do_not_slow_each_other() -> None:
    families = set()
    for kind in kinds.KINDS:
        if issubclass(kind, CloudWork):
            values = {field.name: "x" for field in fields(kind)} | {"cloud": "aws", "kind": "any"}
            families.add(kind(**values).pace_family)
    assert families == {f"aws/{one}" for one in ("attach", "compute", "disk", "image", "network", "storage")}


def _name_of(kind: type[Work]) -> str:
    return next(name for name, each in kinds.BY_NAME.items() if each is kind)
