"""A template with an image on AWS: planned, created with the landing zone, found again, deleted by `down`."""

from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director import errors
from director.app.landing import landing_zones
from director.app.sessions.session import Session
from director.app.use_cases import down, template_plan
from director.app.use_cases.down import DownRequest
from director.app.use_cases.template_plan import PlannedTemplate
from tests.support import planted_files
from tests.support.arm_resources import Tree, request_of, template, with_image
from tests.support.aws import back, shared
from tests.support.aws.emulator import Emulator
from tests.support.callers import calling


def _of(snapshot: str) -> Tree:
    return template(with_image({"snapshot": {"id": snapshot}}))


def _plan(session: Session, tree: Tree) -> PlannedTemplate:
    return template_plan.plan_template(session, request_of(tree), caller=calling("plan"))


def test_an_image_is_created_with_the_landing_zone_and_goes_with_it(emulator: Emulator, tmp_path: Path) -> None:
    backend = back.ec2()
    snapshot = backend.create_snapshot(backend.create_volume(8, "us-east-1a").id, "golden")
    before = shared.held_images(emulator)
    planted_files.healthy("aws", emulator.settings()).write(tmp_path)
    with planted_files.opened(tmp_path) as session:
        planned = _plan(session, _of(snapshot.id))
        (action,) = [one for one in planned.landing.actions if "image-golden" in one.subject]
        assert action.work.kind == "create_stemcell"
        landed = landing_zones.create_environment(planned.template.session, caller=calling("up"))
        assert landing_zones.environment_plan(planned.template.session, landed).is_empty
        (image,) = [one for one in backend.amis.values() if one.owner_id == back.ACCOUNT]
        assert image.ebs_snapshot.id == snapshot.id
        assert down.take_down(session, DownRequest(caller=calling("down")), lambda _: None).left == ()
    assert shared.held_images(emulator) == before


def test_what_is_not_there_is_told_at_its_place_in_the_template(emulator: Emulator, tmp_path: Path) -> None:
    planted_files.healthy("aws", emulator.settings()).write(tmp_path)
    with planted_files.opened(tmp_path) as session, pytest.raises(ExplainedError) as caught:
        _plan(session, _of("snap-0123456789abcdef0"))
    (found,) = errors.each_problem(caught.value)
    assert found.code == "unknown-image-source"
    assert found.where.startswith("t.json:")
