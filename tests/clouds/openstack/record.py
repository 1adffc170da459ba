"""Record the stories again from the test cloud: `python -m tests.clouds.openstack.record`, while it is up."""

import time
import warnings
from collections.abc import Mapping

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import JsonValue, OwnerQuery
from tests.clouds.openstack import behind, place
from tests.clouds.openstack.patience import patiently
from tests.contract.recorded import test_openstack, test_openstack_planted, test_openstack_tags
from tests.support.openstack import planted, story
from tests.support.openstack.tape import Recorder


def record() -> None:
    """Write the tapes and the answers."""
    warnings.simplefilter("ignore")
    _tidy()
    _record_life()
    _tidy()
    _record_tagged()
    _tidy()
    _record_planted()


def _record_life() -> None:
    recorder = Recorder()
    said = story.report(_connect(recorder, {}), pause_s=1.0)
    recorder.save(test_openstack.TAPE)
    test_openstack.SAID.write_text("\n".join(said) + "\n")


def _record_tagged() -> None:
    recorder = Recorder()
    settings = _settings({})
    api = Api(settings, tags=test_openstack_tags.TAGS)
    api.listen(recorder.hear)
    connected = connect_cloud(settings, story.ENVIRONMENT, api=api, tags=test_openstack_tags.TAGS)
    story.report(connected, pause_s=1.0)
    recorder.save(test_openstack_tags.TAPE)


def _record_planted() -> None:
    recorder = Recorder()
    with behind.administrator() as administrator:
        reported = planted.report(lambda settings: _connect(recorder, settings), administrator)
    wanted = planted.expected()
    different = [name for name in wanted if reported[name] != wanted[name]]
    wrong = [f"{name}: {reported[name]} was found, {wanted[name]} expected" for name in different]
    if wrong:
        raise SystemExit("\n".join([*wrong, "Nothing is recorded."]))
    recorder.save(test_openstack_planted.TAPE)


def _connect(recorder: Recorder, more: Mapping[str, JsonValue]) -> ConnectedCloud:
    settings = _settings(more)
    api = Api(settings)
    api.listen(recorder.hear)
    return connect_cloud(settings, story.ENVIRONMENT, api=api)


def _settings(more: Mapping[str, JsonValue]) -> config.OpenStackConfig:
    return config.read_config(planted.signed_in({**place.password_settings(), **more}))


def _tidy() -> None:
    """A story that was cut short leaves much, and one that was not a disk, for which it does not wait."""
    connected = patiently(connect_cloud(_settings({}), story.ENVIRONMENT))
    cloud, finder, landing = connected.cloud, connected.finder, connected.landing
    assert finder is not None and landing is not None
    query = OwnerQuery(environment=story.ENVIRONMENT)
    for vm in finder.find_vms(query):
        story.delete_vm(cloud, vm.created.cid, pause_s=1.0)
    time.sleep(3)
    for disk in finder.find_disks(query):
        cloud.delete_disk(disk.cid)
    for stemcell in finder.find_stemcells(query):
        cloud.delete_stemcell(stemcell.cid)
    for resource in reversed(landing.find_landing_resources(story.ENVIRONMENT)):
        landing.delete_landing_resource(resource.cid)


if __name__ == "__main__":
    record()
