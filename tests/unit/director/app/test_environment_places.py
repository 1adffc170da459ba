"""Where an environment's file has what a cloud refuses."""

from cpi.contract.values import Finding
from director.app.sessions.environment_places import environment_places
from director.model.documents import Source
from director.text import front as texts

_FILE = """\
name: prod
cloud: aws
properties: {region: eu-nowhere-1, stemcell: {image: ami-1}}
networks: {default: 10.0.0.0/16, other: 10.0.1.0/24}
public_names: [jumpbox, www]
"""


def test_settings_networks_and_public_names_have_their_places() -> None:
    written = texts.read_environment_file(texts.Reading(source=Source(name="prod.yml", content=_FILE.encode())))
    places = environment_places(written, None)
    names = ("eu-nowhere-1", "ami-1", "other", "10.0.0.0/16", "www", "none")
    found = [places.place_of(Finding(code="c", what="w", why="y", fix="f", written_names=(name,))) for name in names]
    assert found == ["prod.yml:3:14", "prod.yml:3:47", "prod.yml:4:34", "prod.yml:4:12", "prod.yml:5:25", ""]
