"""`ignore` and `unignore`: saved with the deployment, and a deploy follows."""

from pathlib import Path

import pytest

from director.app.use_cases import ignoring
from director.errors import InputError
from tests.support.callers import calling
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab


def test_an_instance_is_ignored_until_it_is_no_longer(tmp_path: Path) -> None:
    lab = Lab(Simulation(), tmp_path)
    lab.deploy()

    def ignore(instance: str, *, is_ignored: bool) -> str:
        session = lab.session()
        return ignoring.ignore_instance(session, "app", instance=instance, is_ignored=is_ignored, caller=calling("i"))

    def ignored() -> list[str]:
        return [each.name for each in lab.session().deployment("app").instances if each.is_ignored]

    first = next(each for each in lab.session().deployment("app").instances if each.index == 1)
    assert ignore(f"web/{first.id}", is_ignored=True) == "web/1"
    assert ignore("web/1", is_ignored=True) == "web/1"
    assert ignored() == ["web/1"]
    with pytest.raises(InputError) as caught:
        lab.deploy(instances=1)
    assert caught.value.code == "instance-ignored"
    assert lab.deploy(instances=3).report is not None, "others are deployed"
    assert ignored() == ["web/1"]
    assert ignore("web/1", is_ignored=False) == "web/1"
    lab.deploy(instances=1)
    assert ignored() == []
    with pytest.raises(InputError) as caught:
        ignore("wbe/0", is_ignored=True)
    assert (caught.value.code, caught.value.fix) == ("instance-unknown", "Did you mean 'web/0'?")
