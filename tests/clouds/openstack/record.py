"""Record the story anew from the test cloud: `python -m tests.clouds.openstack.record`, while it is up."""

import time
import warnings

from cpi.cloud import ConnectedCloud
from cpi.openstack import config
from cpi.openstack.api import Api
from cpi.openstack.connect import connect_cloud
from cpi.values import OwnerQuery
from tests.clouds.openstack import place
from tests.contract.recorded.test_openstack import SAID, TAPE
from tests.support.openstack import story
from tests.support.openstack.tape import Recorder


def record() -> None:
    """Write the tape and what was said."""
    warnings.simplefilter("ignore")
    settings = config.read_config(place.password_settings())
    api, recorder = Api(settings), Recorder()
    api.listen(recorder.hear)
    said = story.tell(connect_cloud(settings, story.ENVIRONMENT, api=api), pause_s=1.0)
    recorder.save(TAPE)
    SAID.write_text("\n".join(said) + "\n")
    _tidy(connect_cloud(settings, story.ENVIRONMENT))


def _tidy(connected: ConnectedCloud) -> None:
    """The story does not wait for its disk."""
    assert connected.finder is not None
    time.sleep(3)
    for disk in connected.finder.find_disks(OwnerQuery(environment=story.ENVIRONMENT)):
        connected.cloud.delete_disk(disk.cid)


if __name__ == "__main__":
    record()
